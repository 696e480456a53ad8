import fc from "fast-check";
import { expect, test } from "vitest";
import {
  absolute,
  basename,
  dirname,
  expandUser,
  isAbsolute,
  join,
  relative,
} from "../../src/pythonic/path.ts";
import { askPython } from "../support/ask-python.ts";

const part = fc.constantFrom("a", "b.cfg", ".", "..", "", "/", "//", "~", "~x", " ", "é");
const path = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));
const pairs = fc.sample(fc.tuple(path, path), { numRuns: 1000, seed: 7 });

test.each([
  ["isAbsolute", "os.path.isabs(it[0])", (a: string) => isAbsolute(a)],
  ["join", "os.path.join(*it)", join],
  ["dirname", "os.path.dirname(it[0])", (a: string) => dirname(a)],
  ["basename", "os.path.basename(it[0])", (a: string) => basename(a)],
  // Only Python keeps two slashes at the beginning: POSIX gives them no meaning.
  [
    "absolute",
    "re.sub('^//(?!/)', '/', os.path.normpath(os.path.join('/w/d', it[0])))",
    (a: string) => absolute(a, "/w/d"),
  ],
  [
    "expandUser",
    "it[0] if it[0].startswith('~x') else os.path.expanduser(it[0])",
    (a: string) => expandUser(a, "/h/me/"),
  ],
])("%s gives what Python gives", (_name, expression, ours) => {
  const head = "import os, re; os.environ['HOME'] = '/h/me/'";
  expect(pairs.map(([a, b]) => ours(a, b))).toEqual(askPython(expression, pairs, head));
});

test("relative paths are Python's", () => {
  const named = pairs.filter(([a, b]) => a !== "" && b !== "");
  const clean = "re.sub('^//(?!/)', '/', one)";
  const expression = `os.path.relpath(*[os.path.join('/w/d', ${clean}) for one in it])`;
  expect(named.map(([a, b]) => relative(a, b, "/w/d"))).toEqual(
    askPython(expression, named, "import os, re"),
  );
});
