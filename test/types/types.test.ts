/** The published declarations, with the recipes and fabfiles of a user in cases/. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../support/command-project.ts";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "hostout-types-")));
const installed = join(scratch, "node_modules/hostout");

beforeAll(() => {
  const pack = ["pack", "--ignore-scripts", "--pack-destination", scratch];
  execFileSync("npm", pack, { cwd: root, stdio: "ignore" });
  const [archive] = readdirSync(scratch).filter((name) => name.endsWith(".tgz"));
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", archive!, "-C", installed, "--strip-components=1"], {
    cwd: scratch,
  });
  mkdirSync(join(scratch, "node_modules/@types"));
  for (const name of ["@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(scratch, "node_modules", name));
  }
  cpSync(join(import.meta.dirname, "cases"), scratch, { recursive: true });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function check(...options: string[]): string {
  const files = readdirSync(scratch).filter((name) => name.endsWith(".ts"));
  const strict = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022"];
  const tsc = join(root, "node_modules/.bin/tsc");
  try {
    return execFileSync(tsc, [...strict, ...options, ...files], {
      cwd: scratch,
      encoding: "utf8",
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test("each entry point has one declaration file, and there is no other", () => {
  const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  const types = Object.values(exports as Record<string, { types?: string }>).flatMap(
    (entry) => entry.types ?? [],
  );
  const shipped = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" });
  const declarations = shipped.filter((name) => name.endsWith(".d.ts"));
  expect(declarations.map((name) => `./dist/${name}`).sort()).toEqual(types.sort());
});

test("recipes and fabfiles pass the strict check, mistakes in them do not", () => {
  expect(check("--types", "node")).toBe("");
  // The declarations themselves need no other package, and no types of Node.
  const text = readFileSync(join(installed, "dist/index.d.ts"), "utf8");
  expect(text.match(/^import .*$/gm)).toBeNull();
}, 300_000);
