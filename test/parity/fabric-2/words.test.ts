import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** Debian's own interpreter, which has Debian's python3-invoke. */
const PYTHON = "/usr/bin/python3";
const SCRIPT = fileURLToPath(new URL("words.py", import.meta.url));
const SEED = 7;
const COUNT = 2000;

const missing =
  spawnSync(PYTHON, ["-c", "import invoke"]).status === 0
    ? ""
    : "Invoke is not installed (apt-get install python3-fabric)";
if (missing !== "" && process.env.CI) throw new Error(`In CI nothing may be skipped: ${missing}`);

interface Line {
  source: string;
  keywords: object;
  words: string[];
  value?: string;
  error?: string;
}

/** Words that we refuse on purpose: docs/differences.md. */
const REFUSED = /has no option|takes no value|needs a value|once/;

const linesOf = (side: "theirs" | "ours") =>
  execFileSync(PYTHON, [SCRIPT, side, String(SEED), String(COUNT)], {
    encoding: "utf8",
    maxBuffer: 100_000_000,
  })
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

test.skipIf(missing !== "")("a task gets what Invoke passes, or the words are refused", () => {
  const theirs = linesOf("theirs");
  const ours = linesOf("ours");
  expect(theirs).toHaveLength(COUNT);
  const counts = { same: 0, refused: 0 };
  for (const [index, own] of ours.entries()) {
    const original = theirs[index]!;
    const { source, keywords, words } = original;
    expect({ source, keywords, words }).toEqual({
      ...{ source: own.source, keywords: own.keywords, words: own.words },
    });
    if (original.error !== undefined) {
      // A value that might also be the name of a task depends on Invoke's own command line.
      if (!original.error.includes("ambiguous")) expect(own, source).toHaveProperty("error");
      counts.refused += 1;
    } else if (own.value === undefined) {
      expect(own.error, JSON.stringify(original)).toMatch(REFUSED);
    } else {
      // For combined flags, `-dno`, Invoke keeps the dash that it puts before the second one.
      const plain = (value: string) => value.replace(/'-(?=\w)/g, "'");
      expect(plain(own.value), JSON.stringify(original)).toBe(plain(original.value!));
      counts.same += 1;
    }
  }
  expect(counts.same).toBeGreaterThan(COUNT / 10);
  expect(counts.refused).toBeGreaterThan(COUNT / 10);
});
