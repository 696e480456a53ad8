import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bridge = join(root, "src/bridge/python");
const page = readFileSync(join(root, "docs/fabric-env.md"), "utf8");
/** The result of Fabric 1.14 for the scenario with that name. */
const { env_names: original } = JSON.parse(
  readFileSync(join(root, "test/parity/fabric-1/expected.json"), "utf8"),
) as { env_names: string[] };
/** Names that Fabric reads without giving them a value first. */
const READ_ONLY = ["gss_deleg_creds", "key", "new_style_tasks", "shell_escape"];

/** The names in the first column below a heading. */
function names(heading: string): string[] {
  const section = page.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
  return [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  );
}

const headings = ["Honored", "Refused", "Without effect"];

test("every name of Fabric's env has a verdict", () => {
  const told = headings.flatMap(names);
  expect([...told].sort()).toEqual([...original, ...READ_ONLY].sort());
});

test("honored names are read, refused ones refused", () => {
  const code = readdirSync(bridge, { recursive: true, encoding: "utf8" })
    .filter((file) => /fab.*\.py$/.test(file) && !file.endsWith("shared_env.py"))
    .map((file) => readFileSync(join(bridge, file), "utf8"))
    .join("\n");
  const isRead = (name: string) =>
    new RegExp(`\\benv\\.${name}\\b|\\benv(\\.get\\(|\\[)"${name}"|said(_of)?\\("${name}"`).test(
      code,
    );
  const unread = names("Honored").filter((name) => !isRead(name));
  // Set for fabfiles to read; and one that is read by a list of names.
  expect(unread).toEqual(["command", "effective_roles", "exclude_hosts", "host"]);
  const refused = /_NOT_SUPPORTED = \{(.*?)\n\}/s.exec(code)![1]!;
  expect([...refused.matchAll(/"(\w+)":/g)].map(([, name]) => name)).toEqual(names("Refused"));
});
