import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { messageOf } from "../../src/error/index.ts";
import { CORPUS, hasCorpus, readCases, runCase } from "./corpus.ts";

const folder = join(tmpdir(), `buildout-corpus-${process.pid}`);
const reason = hasCorpus() ? "" : ` (skipped: no corpus at ${CORPUS})`;

describe.skipIf(!hasCorpus())(`the answers of zc.buildout 5.2${reason}`, () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(["fuzz-dev.jsonl.gz", "real-dev.jsonl.gz"])(
    "are ours: %s",
    async (name) => {
      const failures: string[] = [];
      for (const wanted of readCases(name)) {
        try {
          await runCase(wanted, folder);
        } catch (difference) {
          failures.push(`${wanted.id}: ${messageOf(difference)}`);
        }
      }
      expect(failures).toEqual([]);
    },
    300_000,
  );
});
