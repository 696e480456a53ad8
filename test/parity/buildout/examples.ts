/** zc.buildout's own doctests, run by `doctests.py` through this engine, document by document. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Found, shortForm } from "./table.ts";

export interface Example {
  readonly document: string;
  readonly line: number;
  /** Whether our command has run by then. */
  readonly touches: boolean;
  /**
   * How similar the result is: equal, equal except for the form of an error, equal except for our additions
   * (docs/differences.md), or null: different.
   */
  readonly how: "exactly" | "form" | "addition" | null;
  readonly want: string;
  readonly got: string;
  readonly settled: string;
}

export interface Doctests {
  /** A source tree of zc.buildout. */
  readonly source: string;
  readonly python: string;
  /** Our bin/buildout. */
  readonly command: string;
  /** Keeps the result of each document; finished documents are not run again. */
  readonly kept: string | undefined;
}

/** A document that takes longer than this hangs. */
const LONGEST = 15 * 60_000;

const script = fileURLToPath(new URL("doctests.py", import.meta.url));

function doctests(python: string, ...words: readonly string[]): string {
  const run = spawnSync(python, [script, ...words], {
    encoding: "utf8",
    maxBuffer: 1e9,
    timeout: LONGEST,
    env: { ...process.env, PYTHONWARNINGS: "ignore" },
  });
  if (run.status !== 0) {
    throw new Error(`${words.join(" ")}: ${run.error?.message ?? ""}\n${run.stderr}`);
  }
  return run.stdout;
}

/** Stores the result of each document completely or not at all. */
function answerOf(document: string, kept: string, answer: () => string): string {
  const file = join(kept, `${document.replaceAll("/", "-")}.jsonl`);
  if (!existsSync(file)) {
    writeFileSync(`${file}.part`, answer());
    renameSync(`${file}.part`, file);
  }
  return readFileSync(file, "utf8");
}

/**
 * The examples that involve our command, in the documents whose names `isWanted`. The others test the
 * original's own code; they are counted separately. If a document fails, that is recorded in `wrong`, and the
 * others are run.
 */
export function examples(
  { source, python, command, kept: given }: Doctests,
  isWanted: (document: string) => boolean,
  wrong: string[],
): Found[] {
  const scratch = mkdtempSync(join(tmpdir(), "parity-doctests-"));
  const kept = given ?? join(scratch, "kept");
  mkdirSync(kept, { recursive: true });
  try {
    const shared = join(scratch, "shared");
    mkdirSync(shared);
    doctests(python, "prepare", source, shared);
    const documents = doctests(python, "list", shared).trim().split("\n").filter(isWanted);
    const all = documents.flatMap((document): Example[] => {
      const begin = Date.now();
      try {
        const answer = answerOf(document, kept, () =>
          doctests(python, "run", shared, command, document),
        );
        const found = answer
          .split("\n")
          .filter((line) => line.startsWith("{"))
          .map((line): Example => JSON.parse(line));
        const bad = found.filter(({ touches, how }) => touches && how === null).length;
        const seconds = Math.round((Date.now() - begin) / 1000);
        console.log(`${document}: ${found.length} examples, ${bad} not alike (${seconds} s)`);
        return found;
      } catch (error) {
        wrong.push(`${document} did not run to its end: ${(error as Error).message}`);
        return [];
      }
    });
    return found(all);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function found(all: readonly Example[]): Found[] {
  const ours = all.filter(({ touches }) => touches);
  const number = (wanted: Example["how"]) => ours.filter(({ how }) => how === wanted).length;
  console.log(
    `Doctests: ${all.length - ours.length} examples call the original's code in its own process; not counted. Of ${ours.length}, ${number("exactly")} are alike to the letter, ${number("form")} but for the form of an error, ${number("addition")} but for something that we add.`,
  );
  return ours.map(({ document, line, how, want, got, settled }) => ({
    where: `${document}:${line}`,
    alike: how !== null,
    shows: shortForm(settled),
    text: `--- zc.buildout\n${want}\n--- this engine\n${got}`,
  }));
}
