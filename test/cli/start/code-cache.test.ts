import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CodeCache } from "../../../src/cli/start/code-cache.ts";
import { scratchFiles } from "../../support/scratch.ts";

const NODE = `${process.version}-${process.arch}`;
const CODE = {
  modules: ["src/a.ts", "src/b.ts"],
  text: undefined,
  data: Buffer.from([0, 10, 255]),
};

const cacheOf = (path: string, env: NodeJS.ProcessEnv = {}) =>
  new CodeCache({ path, stats: statSync(path, { bigint: true }) }, env);

/** A program, and its cached code next to it. */
function kept() {
  const p = scratchFiles({ "run.js": "0" });
  const cache = () => cacheOf(p.path("run.js"));
  cache().write(() => CODE);
  expect(cache().read()).toEqual(CODE);
  return { ...p, cache, file: p.path(`.compiled/run-${NODE}`) };
}

test("code of another state of the program is not taken", () => {
  const p = kept();
  p.write("run.js", "1");
  expect(p.cache().read()).toBeUndefined();
});

test("code without its end is not taken", () => {
  const p = kept();
  truncateSync(p.file, statSync(p.file).size - 1);
  expect(p.cache().read()).toBeUndefined();
});

test.each([".compiled", `.compiled/run-${NODE}`])(
  "what others may write is not taken: %s",
  (name) => {
    const p = kept();
    chmodSync(p.path(name), 0o777);
    expect(p.cache().read()).toBeUndefined();
  },
);

test.each([".compiled", `.compiled/run-${NODE}`])(
  "what a link leads to is not taken: %s",
  (name) => {
    const p = kept();
    renameSync(p.path(name), p.path("elsewhere"));
    symlinkSync(p.path("elsewhere"), p.path(name));
    expect(p.cache().read()).toBeUndefined();
  },
);

test("code of a program that belongs to somebody else is kept in the user's cache", () => {
  const p = scratchFiles({ "run.js": "0" });
  const program = process.geteuid!() === 0 ? p.path("run.js") : "/bin/sh";
  if (process.geteuid!() === 0) chownSync(program, 12_345, 12_345);
  const cache = () => cacheOf(program, { HOME: p.directory });
  cache().write(() => CODE);
  expect(cache().read()).toBeUndefined();
  mkdirSync(p.path(".cache"), { mode: 0o700 });
  cache().write(() => CODE);
  expect(cache().read()).toEqual(CODE);
  expect(p.has(join(".cache/hostout"))).toBe(true);
  expect(p.has(".compiled")).toBe(false);
  chmodSync(p.path(".cache"), 0o777);
  expect(cache().read()).toBeUndefined();
});

test("the text of a part of a program is kept with its code", () => {
  const p = scratchFiles({ "engine.cjs": "0" });
  const path = p.path("engine.cjs");
  const stats = statSync(path, { bigint: true });
  const cache = (part: string) =>
    new CodeCache({ path, stats, part }, {}, { keeps: "code and text", mode: 0o640 });
  cache("core").write(() => ({ ...CODE, text: "core\n" }));
  cache("rest").write(() => ({ ...CODE, text: "\u00e9" }));
  expect(cache("core").read()).toEqual({ ...CODE, text: "core\n" });
  expect(cache("rest").read()).toEqual({ ...CODE, text: "\u00e9" });
});
