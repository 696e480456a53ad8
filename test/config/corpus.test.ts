import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract } from "tar";
import { afterAll, describe, expect, it } from "vitest";
import { load } from "../../src/config/merge/load.ts";
import { initialize } from "../../src/config/resolve/initialize.ts";
import { Sections } from "../../src/config/resolve/sections.ts";
import { messageOf } from "../../src/errors/error.ts";
import { annotate } from "../../src/report/annotate.ts";
import { EVERY } from "../kinds.ts";
import { FACTS } from "../support/configuration-files.ts";
import { CORPUS, hasCorpus, readCases, runCase } from "../support/corpus.ts";

const folder = join(tmpdir(), `buildout-corpus-${process.pid}`);
const reason = hasCorpus() ? "" : ` (skipped: no corpus at ${CORPUS})`;

describe.skipIf(!hasCorpus())(`the answers of zc.buildout 5.2${reason}`, () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(["fuzz-dev.jsonl.gz", "real-dev.jsonl.gz"])("are ours: %s", async (name) => {
    const failures: string[] = [];
    const cases = [...readCases(name)].filter((_, at) => at % EVERY === 0);
    expect(cases.length).toBeGreaterThan(50);
    for (const wanted of cases) {
      try {
        await runCase(wanted, folder);
      } catch (difference) {
        failures.push(`${wanted.id}: ${messageOf(difference)}`);
      }
    }
    expect(failures).toEqual([]);
  });

  it("come at once for files that are reached on a hundred thousand paths", async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await extract({ file: join(CORPUS, "slapos-tree.tar.gz"), cwd: folder });
    const directory = join(folder, "SlapOS__slapos/software/erp5");
    const start = performance.now();
    const configuration = await load({
      directory,
      file: "software.cfg",
      assignments: [],
      userDefaults: false,
      env: {},
      executable: FACTS.executable,
      python: { facts: () => FACTS, evaluate: () => undefined },
    });
    initialize(configuration, new Sections(configuration));
    const text = annotate(configuration, { verbose: false, sections: [], directory });
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(text.length).toBeGreaterThan(600_000);
    expect(configuration.files.length).toBeGreaterThan(200);
  });
});
