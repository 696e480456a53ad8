import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
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
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBlocks, typeErrors } from "../support/documentation.ts";
import { freePort } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const blocks = readBlocks(readFileSync(join(root, "docs/writing-plugins.md"), "utf8"));

/** Where the page says the project is, and at which port the sandbox listens. */
const SHOWN = "/home/me/project";
const SHOWN_PORT = "2222";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "writing-plugins-")));
const project = join(scratch, "project");
let folder = project;
let port: string;
let sandbox: ChildProcess | undefined;

beforeAll(async () => {
  mkdirSync(project);
  port = String(await freePort());
});

afterAll(async () => {
  if (sandbox?.exitCode === null) {
    sandbox.kill();
    await once(sandbox, "exit");
  }
  rmSync(scratch, { recursive: true, force: true });
});

const real = (text: string) => text.replaceAll(SHOWN, project).replaceAll(SHOWN_PORT, port);

const environment = () => ({
  ...process.env,
  HOME: scratch,
  LC_ALL: "C",
  NO_COLOR: "1",
  npm_config_offline: "true",
  // Nothing of the tests that run this one.
  NODE_OPTIONS: "",
  NODE_TEST_CONTEXT: undefined,
  PATH: [join(root, "bin"), process.env.PATH].join(delimiter),
});

/** What `npm install` brings to the new package, with this checkout as `hostout`. */
function installDependencies(): void {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules/hostout"));
}

async function startSandbox(command: string): Promise<string> {
  sandbox = spawn("sh", ["-c", `exec ${real(command)}`], {
    cwd: folder,
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(sandbox.stdout!), "line");
  return String(line);
}

async function run(command: string): Promise<string> {
  const [, into] = /^cd (.+)$/.exec(command) ?? [];
  if (into !== undefined) folder = resolve(folder, into);
  if (into !== undefined) return "";
  if (command.startsWith("hostout-sandbox")) return startSandbox(command);
  if (command === "npm install") installDependencies();
  if (command === "npm install") return "";
  const { stdout, status } = spawnSync("sh", ["-c", `exec 2>&1; ${real(command)}`], {
    cwd: folder,
    encoding: "utf8",
    env: environment(),
  });
  // What ends with an error is shown with its error.
  if (/^npm/.test(command)) expect(`${stdout}${status}`).toMatch(/0$/);
  return stdout;
}

/** Runs the commands of a block, each with the output that follows it; `...` is any lines. */
async function checkConsole(block: string): Promise<void> {
  for (const piece of block.split(/^\$ /m).slice(1)) {
    const [command = "", ...expected] = piece.trimEnd().split("\n");
    const output = (await run(command)).replaceAll(project, SHOWN).replaceAll(port, SHOWN_PORT);
    const squeezed = (line: string) => line.replace(/\s+/g, " ").trim();
    const lines = output.split("\n").filter((line) => !line.startsWith("npm warn"));
    const got = lines.map(squeezed).join("\n").trim();
    const literal = (line: string) => squeezed(line).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const pattern = expected
      .map((line) => (line === "..." ? "(?:.*\n)*?" : `${literal(line)}\n`))
      .join("");
    expect(got === "" ? "" : `${got}\n`, command).toMatch(new RegExp(`^${pattern}$`));
  }
}

describe.sequential("docs/writing-plugins.md", () => {
  test("names the file of every text, and has commands that are run", () => {
    expect(blocks.length).toBeGreaterThan(12);
    for (const { language, file, title } of blocks) {
      if (language === "console") expect(file, title).toBeUndefined();
      else expect(file, title).toBeDefined();
    }
  });

  test.each(blocks)(
    "block $title",
    async ({ text, file, language }) => {
      if (language === "console") return checkConsole(text);
      const path = join(project, file!);
      mkdirSync(dirname(path), { recursive: true });
      // JSON has no comments.
      writeFileSync(path, real(language === "json" ? text.replace(/^.*\n/, "") : text));
    },
    120_000,
  );

  test("the published archive holds what a user needs, and no tests", () => {
    const installed = join(project, "node_modules/hostout-maintenance");
    expect(existsSync(join(installed, "fabfile.ts"))).toBe(true);
    expect(existsSync(join(installed, "test"))).toBe(false);
  });

  test("its TypeScript has no type errors", () => {
    const sources = blocks.filter(({ language }) => language === "ts");
    const files = sources.map(({ text }, index) => {
      writeFileSync(join(scratch, `fabfile${index}.ts`), text);
      return `fabfile${index}.ts`;
    });
    expect(typeErrors(scratch, files)).toBe("");
  });
});
