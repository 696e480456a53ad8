import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeConfiguration } from "./configurations.ts";
import { alternate, ms, run } from "./measure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const EMPTY = "[buildout]\nparts =\n";

/** Each kind of buildout, written into a directory, and the limit for a run with nothing to do. */
const BUILDOUTS: Record<string, [goal: string, write: (cwd: string) => void]> = {
  "an empty buildout": ["1.35", (cwd) => writeFileSync(join(cwd, "buildout.cfg"), EMPTY)],
  "the demo": ["1.7", (cwd) => cpSync(join(root, "fixtures/hello"), cwd, { recursive: true })],
  "40 files, 5,000 options, 20 parts": [
    "1.7",
    (cwd) => writeConfiguration(cwd, { files: 40, options: 5000, parts: 20 }),
  ],
};

/** `bin/buildout` and the engine of hosts with nothing to do, compared with an empty Node process. */
export function benchStartup(): string[][] {
  const scratch = mkdtempSync(join(tmpdir(), "hostout-bench-"));
  const programs = {
    "`bin/buildout`": join(root, "bin/buildout"),
    "the engine of a host": join(root, "dist/engine.cjs"),
  };
  try {
    return Object.entries(programs).flatMap(([program, file], index) =>
      Object.entries(BUILDOUTS).map(([what, [goal, write]], at) => {
        const cwd = join(scratch, `${index}-${at}`);
        mkdirSync(cwd);
        write(cwd);
        const env = { ...process.env, HOME: cwd };
        const ours = () => run(process.execPath, [file], { cwd, env });
        // The second run has less to do: the code that it needs is kept.
        for (let time = 0; time < 3; time++) ours();
        const times = alternate(
          { ours, node: () => run(process.execPath, ["-e", "0"], { cwd, env }) },
          21,
        );
        return [
          `${program} with nothing to do: ${what}`,
          ms(times.ours!),
          `\`node -e 0\`: ${ms(times.node!)}`,
          `ratio ${(times.ours! / times.node!).toFixed(2)}`,
          `at most ${goal}`,
        ];
      }),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
