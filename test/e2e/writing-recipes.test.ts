import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as api from "../../src/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/writing-recipes.md"), "utf8");

/** The directory of the buildout on the page. */
const SHOWN = "/home/me/project";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "writing-recipes-")));
const project = join(scratch, "project");
let folder = project;

beforeAll(() => mkdirSync(project));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The result of `npm install` in the new package, with this checkout as `hostout`. */
function installDependencies(): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@types"), { recursive: true });
  for (const name of ["@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  symlinkSync(root, join(modules, "hostout"));
}

function run(command: string): string {
  const [, into] = /^cd (.+)$/.exec(command) ?? [];
  if (into !== undefined) {
    folder = resolve(folder, into);
    return "";
  }
  if (command === "npm install") {
    installDependencies();
    return "";
  }
  const paths = [join(root, "bin"), join(root, "node_modules/.bin"), process.env.PATH];
  const { stdout, status } = spawnSync("sh", ["-c", `exec 2>&1; ${command}`], {
    cwd: folder,
    encoding: "utf8",
    env: {
      ...process.env,
      HOME: scratch,
      LC_ALL: "C",
      NO_COLOR: "1",
      npm_config_offline: "true",
      PATH: paths.join(delimiter),
    },
  });
  // A command that fails is shown with its error.
  if (/^npm/.test(command)) expect(`${stdout}${status}`).toMatch(/0$/);
  return stdout.replaceAll(project, SHOWN);
}

/** Runs the commands of a block, each with the output that follows it; `...` is any. */
function checkConsole(block: string): void {
  for (const piece of block.split(/^\$ /m).slice(1)) {
    const [command = "", ...expected] = piece.trimEnd().split("\n");
    const output = run(command).trimEnd().split("\n");
    const rest = expected.indexOf("...");
    const shown = output.filter((line) => !line.startsWith("npm warn"));
    if (rest >= 0) expect(shown.slice(0, rest)).toEqual(expected.slice(0, rest));
    else expect(shown.join("\n"), command).toBe(expected.join("\n"));
  }
}

const blocks = [...page.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)].map((match, index) => {
  const [, language = "", text = ""] = match;
  const [first = ""] = text.split("\n");
  const file = /^(?:\/\/|;) (\S+)$/.exec(first)?.[1];
  return { index, language, text, file, title: `${index}: ${language} ${file ?? first}` };
});

describe.sequential("docs/writing-recipes.md", () => {
  test("names the file of every text, and has commands that are run", () => {
    expect(blocks.length).toBeGreaterThan(20);
    for (const { language, file, title } of blocks) {
      if (language === "console") expect(file, title).toBeUndefined();
      else expect(file, title).toBeDefined();
    }
  });

  test.each(blocks)("block $title", ({ text, file, language }) => {
    if (language === "console") return checkConsole(text);
    const path = join(project, file!);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  });

  test("its TypeScript has no type errors", () => {
    const modules = join(project, "node_modules");
    mkdirSync(join(modules, "@types"), { recursive: true });
    symlinkSync(root, join(modules, "hostout"));
    for (const name of ["@types/node", "undici-types"]) {
      symlinkSync(join(root, "node_modules", name), join(modules, name));
    }
    const configuration = readFileSync(join(project, "greeting/tsconfig.json"), "utf8");
    writeFileSync(
      join(project, "tsconfig.json"),
      configuration.replace('"src"', '"tools", "greeting/src"'),
    );
    writeFileSync(join(project, "package.json"), '{"type": "module"}');
    folder = project;
    expect(run("tsc")).toBe("");
  });

  test("names nothing that is not exported", () => {
    const [, table = ""] = page.split("## What `hostout` exports");
    const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, names]) => names!);
    const names = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !(name in api))).toEqual([]);
  });
});
