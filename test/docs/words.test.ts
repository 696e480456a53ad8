import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Phrases that read as if translated, with what to write instead. */
const PHRASES: [RegExp, string][] = [
  [/\b(is|are) told (?!apart|to\b)/, "is reported"],
  [/\btold of\b/, "reported"],
  [/\bnot to be had\b/, "is not available"],
  [/\b(installed|made|built|begins?|asked) anew\b/, "reinstalled, again"],
  [/\bone (on )?a line\b/, "one per line"],
  [/\bto life\b/, "initialized"],
  [/\bundefined where\b/i, "undefined if"],
  [/\bat hand\b/, "available"],
  [/\bpassed over\b/, "skipped"],
  [/(?<![Tt]here )\bis no (error|list|text|path|file)\b/, "is not an error"],
  [/\b(colour|behaviour|neighbour|misspelt(?!-))/, "American spelling"],
];

test("phrases that read as if translated do not come back", () => {
  const files = execFileSync("git", ["ls-files", "src", "recipes", "build", "docs"], {
    cwd: root,
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => /\.(ts|mjs|md|py|sh)$/.test(file));
  const found = files.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        PHRASES.filter(([phrase]) => phrase.test(line)).map(
          ([phrase, instead]) => `${file}:${index + 1}: '${phrase.exec(line)![0]}': ${instead}`,
        ),
      ),
  );
  expect(found).toEqual([]);
});
