import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { alternate, ms, run } from "./measure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** `bin/buildout` with nothing to do, on the demo's buildout, beside an empty Node process. */
export function benchStartup(): string[][] {
  const scratch = mkdtempSync(join(tmpdir(), "hostout-bench-"));
  const cwd = join(scratch, "hello");
  try {
    cpSync(join(root, "fixtures/hello"), cwd, { recursive: true });
    const buildout = join(root, "bin/buildout");
    run(process.execPath, [buildout], { cwd });
    const times = alternate(
      {
        node: () => run(process.execPath, ["-e", "0"], { cwd }),
        buildout: () => run(process.execPath, [buildout], { cwd }),
      },
      21,
    );
    return [
      [
        "`bin/buildout` with nothing to do, on the demo",
        ms(times.buildout!),
        `\`node -e 0\`: ${ms(times.node!)}`,
        `${ms(times.buildout! - times.node!)} more`,
        "within 100 ms",
      ],
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
