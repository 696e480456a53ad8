/** z3c.recipe.mkdir. */
import fc from "fast-check";
import { type Case, lifeCycle, type Options } from "../cases.ts";
import { boolean, mode, rarely, relativePath, unknown } from "./values.ts";

const paths = fc.oneof(
  relativePath,
  fc.constantFrom(
    "a/b/c",
    "\na\nb/c\n  d",
    "a/b\n",
    "\nz\na\nm",
    "",
    "file",
    "file/x",
    "there",
    "\nthere\nthere/x",
    ".",
    "\na\na",
  ),
);

const options = fc.record({
  paths: fc.option(paths, { nil: undefined, freq: 6 }),
  mode: rarely(mode, 0),
  user: rarely(fc.constantFrom("root", "nosuchuser-x", ""), 2),
  group: rarely(fc.constantFrom("root", "nosuchgroup-x", ""), 2),
  "create-intermediate": rarely(boolean, 0),
  "remove-on-update": rarely(boolean, 0),
  unknown,
});

export const folders: fc.Arbitrary<Case> = fc
  .record({ first: options, second: options, gone: fc.boolean() })
  .map(({ first, second, gone }) => {
    const sketch = (own: Options) => ({ recipe: "z3c.recipe.mkdir", options: own });
    return lifeCycle(
      sketch(first),
      { file: "a file", "there/": "" },
      { second: sketch(second), changed: gone ? { a: null } : {} },
    );
  });
