/** hexagonit.recipe.download. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { type Case, type Content, lifeCycle, type Options } from "../cases.ts";
import { archive, packages } from "./archives.ts";
import { boolean, mode, rarely, relativePath, unknown } from "./values.ts";

const packed = fc
  .constantFrom(...packages)
  .chain(archive)
  .map(([name, content]) => ({ name, content }));

const plain = fc.constantFrom(
  { name: "plain.txt", content: "no archive" },
  { name: "plain.tar.gz", content: "no archive" },
  { name: "empty.zip", content: "" },
);

const file = fc.oneof({ arbitrary: packed, weight: 6 }, { arbitrary: plain, weight: 1 });

function sum(content: Content): string {
  const bytes =
    typeof content === "object" && content !== null && "base64" in content
      ? Buffer.from(content.base64, "base64")
      : String(content);
  return createHash("md5").update(bytes).digest("hex");
}

const options = fc.record({
  destination: rarely(relativePath, 1),
  "strip-top-level-dir": fc.option(boolean, { nil: undefined, freq: 1 }),
  "ignore-existing": fc.option(boolean, { nil: undefined, freq: 1 }),
  "download-only": rarely(boolean, 1),
  filename: rarely(fc.constantFrom("named", " named ", "", "sub/named", "a b"), 1),
  mode: rarely(mode, 1),
  "hash-name": rarely(boolean, 1),
  "on-update": fc.option(boolean, { nil: undefined, freq: 1 }),
  excludes: rarely(
    fc.constantFrom(
      "*.txt",
      "top/*",
      "\n*.py\n*/b.txt",
      "",
      "[ab]*",
      "top",
      "top/",
      "top/inner*",
      "?op/run",
      "*",
      "[!t]*",
    ),
    1,
  ),
  unknown,
});

const address = fc.constantFrom(
  "${buildout:directory}/",
  "",
  "file://${buildout:directory}/",
  "./",
);

export const downloads: fc.Arbitrary<Case> = fc
  .record({
    file,
    address,
    sum: fc.constantFrom("none", "none", "none", "right", "wrong", "empty"),
    first: options,
    second: options,
    cache: rarely(fc.constant("cache"), 1),
    there: rarely(
      fc.constantFrom("a.txt", "top/", "top", "parts/p/a.txt", "parts/p/", "a/top/x"),
      1,
    ),
    missing: rarely(fc.constant(true), 6),
  })
  .map(
    ({
      file: { name, content },
      address: start,
      sum: which,
      first,
      second,
      cache,
      there,
      missing,
    }) => {
      const sums: Record<string, string | undefined> = {
        right: sum(content),
        wrong: "0".repeat(32),
        empty: "",
      };
      const sketch = (own: Options) => ({
        recipe: "hexagonit.recipe.download",
        options: { url: missing ? undefined : `${start}${name}`, md5sum: sums[which], ...own },
        buildout: { ...(cache && { "download-cache": cache }) },
      });
      const files: Record<string, Content> = {
        [name]: content,
        ...(cache && { "cache/": "" }),
        ...(there && { [there]: "there before" }),
      };
      return lifeCycle(sketch(first), files, { second: sketch(second) });
    },
  );
