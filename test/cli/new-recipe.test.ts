import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "new-recipe-")));
const folder = join(scratch, "greeting");

/** Runs a program with this checkout's `node_modules/.bin` at the end of the PATH. */
function run(cwd: string, command: string, ...args: string[]) {
  const bin = join(root, "node_modules/.bin");
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, HOME: scratch, PATH: `${process.env.PATH}${delimiter}${bin}` },
  });
  return { status, out: stdout.replaceAll(scratch, "/t"), err: stderr.replaceAll(scratch, "/t") };
}

const buildout = (cwd: string, ...args: string[]) => run(cwd, join(root, "bin/buildout"), ...args);

/** As `npm install` leaves the folder, with this checkout as `hostout`. */
function installDependencies(): void {
  const file = join(folder, "package.json");
  const content = JSON.parse(readFileSync(file, "utf8"));
  content.devDependencies = { hostout: `file:${root}` };
  writeFileSync(file, JSON.stringify(content));
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: "ignore",
  });
  mkdirSync(join(folder, "node_modules/@types"));
  for (const name of ["@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
}

beforeAll(() => {
  const { status, out } = buildout(scratch, "new-recipe", "greeting");
  expect(status).toBe(0);
  expect(out).toMatch(/^Created the recipe package 'greeting':\n {2}greeting\/package.json\n/);
  expect(out).toContain("  cd greeting\n  npm install\n  npm test\n");
  installDependencies();
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("the test of a new recipe passes, and fails when the recipe is wrong", () => {
  const passed = run(folder, "npm", "test");
  expect(passed.out).toMatch(/pass 1\n/);
  expect(passed.status).toBe(0);
  const source = join(folder, "src/index.ts");
  const text = readFileSync(source, "utf8");
  writeFileSync(source, text.replace("Hello", "Goodbye"));
  expect(run(folder, "npm", "test").status).not.toBe(0);
  writeFileSync(source, text);
});

test("an editor knows the types of the recipe's options", () => {
  expect(run(folder, "tsc")).toMatchObject({ status: 0, out: "" });
  const source = join(folder, "src/index.ts");
  const text = readFileSync(source, "utf8");
  writeFileSync(source, text.replace("shout ?", "shout.length > 1 ?"));
  expect(run(folder, "tsc").out).toContain("Property 'length' does not exist on type 'boolean'");
  writeFileSync(source, text);
});

const cfg = (more: string) =>
  `[buildout]\nparts = hello\n${more}[hello]\nrecipe = greeting\nname = world\n`;

test("a buildout uses it from its directory, and notices a change", () => {
  const project = join(scratch, "project");
  mkdirSync(project);
  writeFileSync(join(project, "buildout.cfg"), cfg("develop = ../greeting\n"));
  expect(buildout(project).out).toContain(
    "Installing hello.\nhello: Wrote /t/project/parts/hello.txt.\n",
  );
  expect(readFileSync(join(project, "parts/hello.txt"), "utf8")).toBe("Hello world!\n");
  expect(buildout(project).out).toContain("Updating hello.\n");
  const source = join(folder, "src/index.ts");
  const text = readFileSync(source, "utf8");
  writeFileSync(source, text.replace("Hello", "Good day"));
  expect(buildout(project).out).toContain("Uninstalling hello.\nInstalling hello.\n");
  expect(readFileSync(join(project, "parts/hello.txt"), "utf8")).toBe("Good day world!\n");
  writeFileSync(source, text);
});

test("packed and installed from the archive it is loaded as TypeScript from node_modules", () => {
  const project = join(scratch, "published");
  mkdirSync(project);
  const [archive] = run(folder, "npm", "pack", "--silent", "--pack-destination", scratch)
    .out.trim()
    .split("\n");
  writeFileSync(join(project, "package.json"), '{"private": true}');
  run(project, "npm", "install", "--offline", "--no-audit", "--no-fund", join(scratch, archive!));
  expect(readdirSync(join(project, "node_modules/greeting")).sort()).toEqual([
    "README.md",
    "package.json",
    "src",
  ]);
  writeFileSync(join(project, "buildout.cfg"), cfg(""));
  expect(buildout(project)).toMatchObject({ status: 0, err: "" });
  expect(readFileSync(join(project, "parts/hello.txt"), "utf8")).toBe("Hello world!\n");
  // With the engine alone, as on a host.
  rmSync(join(project, "parts/hello.txt"));
  const engine = run(project, process.execPath, join(root, "dist/engine.cjs"));
  expect(engine).toMatchObject({ status: 0, err: "" });
  expect(existsSync(join(project, "parts/hello.txt"))).toBe(true);
});

test("an option that the recipe does not know is reported", () => {
  const project = join(scratch, "wrong");
  mkdirSync(project);
  writeFileSync(
    join(project, "buildout.cfg"),
    cfg("develop = ../greeting\n").replace("name = world", "nam = world"),
  );
  expect(buildout(project).err).toContain("Error: Missing option: hello:name");
  expect(buildout(project).err).toContain("Did you mean 'nam'?");
});

test("a scoped package gets a directory of its own name", () => {
  expect(buildout(scratch, "new-recipe", "@team/scoped").out).toContain(
    "  recipe = @team/scoped\n",
  );
  expect(JSON.parse(readFileSync(join(scratch, "scoped/package.json"), "utf8")).name).toBe(
    "@team/scoped",
  );
});

test.each([
  [["My Recipe"], "'My Recipe' is not a valid package name.", "Did you mean 'my-recipe'?"],
  [["../x"], "'../x' is not a valid package name.", "lowercase letters"],
  [["a/b/c"], "'a/b/c' is not a valid package name.", "lowercase letters"],
  [[""], "'new-recipe' takes no empty argument.", "buildout new-recipe NAME"],
  [["zc.recipe.egg"], "A native recipe 'zc.recipe.egg' already exists.", "choose another name"],
  [[], "The new-recipe command requires one name.", "buildout new-recipe NAME"],
  [["a", "b"], "The new-recipe command requires one name.", "buildout new-recipe NAME"],
  [["greeting"], "'/t/greeting' already exists.", "Choose another name"],
])("new-recipe %j: %s", (args, message, hint) => {
  const before = readdirSync(scratch);
  const { status, err } = buildout(scratch, "new-recipe", ...args);
  expect(status).toBe(/requires|empty/.test(message) ? 2 : 1);
  expect(err).toContain(`Error: ${message}\n`);
  expect(err).toContain(hint);
  expect(readdirSync(scratch)).toEqual(before);
});

test("an empty directory is filled", () => {
  mkdirSync(join(scratch, "empty"));
  expect(buildout(scratch, "new-recipe", "empty").status).toBe(0);
  expect(readdirSync(join(scratch, "empty"))).toContain("package.json");
});
