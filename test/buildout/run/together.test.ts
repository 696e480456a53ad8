/** Two buildouts in one process, at the same time. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nativeRecipes } from "../../../recipes/index.ts";
import { lint } from "../../../src/buildout/lint/lint.ts";
import { Buildout } from "../../../src/buildout/run/buildout.ts";
import { install } from "../../../src/buildout/run/install.ts";
import { load } from "../../../src/config/merge/load.ts";
import type { BuildoutRequest } from "../../../src/contract/engine.ts";
import { publicApi } from "../../../src/program/public-api.ts";

interface Own {
  name: string;
  pin: string;
  env: Record<string, string>;
}

const ONE: Own = { name: "one", pin: "1.0", env: { MODE: "production" } };
const TWO: Own = { name: "two", pin: "2.0", env: { MODE: "testing" } };

/** The same file in two folders; pins, environment and name differ. */
function folderOf({ name, pin }: Own): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), `together-${name}-`)));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, "parts"));
  writeFileSync(
    join(directory, "buildout.cfg"),
    `[buildout]
parts = text
versions = versions

[versions]
six = ${pin}

[text]
recipe = collective.recipe.template
inline = ${name} in \${buildout:directory} with six \${versions:six} for \${mode:is}
output = \${buildout:directory}/text.txt

[mode]
is = other

[mode:os.environ.get("MODE") == "production"]
is = production

[mode:os.environ.get("MODE") == "testing"]
is = testing
`,
  );
  return directory;
}

async function requestFor(own: Own, directory: string): Promise<BuildoutRequest> {
  const configuration = await load({
    directory,
    file: "buildout.cfg",
    assignments: [],
    userDefaults: false,
    env: { HOME: directory, PATH: process.env.PATH, ...own.env },
  });
  return { configuration, report: () => {}, recipes: nativeRecipes, api: publicApi };
}

const textOf = ({ name, pin, env }: Own, directory: string) =>
  `${name} in ${directory} with six ${pin} for ${env.MODE}`;

test("two buildouts are resolved in parallel, without changing the working directory", async () => {
  const before = process.cwd();
  const owns = [ONE, TWO];
  const folders = owns.map(folderOf);
  const buildouts = await Promise.all(
    owns.map(async (own, i) => Buildout.open(await requestFor(own, folders[i]!))),
  );
  const parts = await Promise.all(buildouts.map((one) => one.part("text")));
  expect(parts.map((one) => one?.part.options.get("inline"))).toEqual(
    owns.map((own, i) => textOf(own, folders[i]!)),
  );
  expect(buildouts.map((one) => one.versions.get("six"))).toEqual(["1.0", "2.0"]);
  buildouts[0]!.setVersions(new Map([["six", "3.0"]]));
  buildouts[0]!.addDevelopPackage({ kind: "node", name: "a", version: "1", folder: folders[0]! });
  expect(buildouts.map((one) => one.versions.get("six"))).toEqual(["3.0", "2.0"]);
  expect(buildouts.map((one) => one.developPackages.length)).toEqual([1, 0]);
  await Promise.all(buildouts.map((one) => one.close()));
  expect(process.cwd()).toBe(before);
});

test("two buildouts are linted at once, each with its own findings", async () => {
  const before = process.cwd();
  const found = await Promise.all(
    [ONE, TWO].map(async (own) => {
      const directory = folderOf(own);
      const file = join(directory, "buildout.cfg");
      appendFileSync(file, `[extra]\nvalue = \${text:${own.name}}\n`);
      const { configuration } = await requestFor(own, directory);
      return lint({ configuration, recipes: nativeRecipes, directory });
    }),
  );
  const missing = found.map((one) => one.find(({ code }) => code === "missing-option")?.message);
  expect(missing).toEqual([
    "The referenced option 'one' of [text] is not set, unless its recipe sets it.",
    "The referenced option 'two' of [text] is not set, unless its recipe sets it.",
  ]);
  expect(process.cwd()).toBe(before);
});

test("an install changes the working directory to that of its buildout", async () => {
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  for (const own of [ONE, TWO]) {
    const directory = folderOf(own);
    await install(await requestFor(own, directory), []);
    expect(process.cwd()).toBe(directory);
    expect(readFileSync(join(directory, "text.txt"), "utf8")).toBe(textOf(own, directory));
  }
});
