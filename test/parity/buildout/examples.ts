/** zc.buildout's own doctests, run by `doctests.py` through this engine. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Found, shortForm } from "./table.ts";

export interface Example {
  readonly document: string;
  readonly line: number;
  /** Whether our command has run by then. */
  readonly touches: boolean;
  readonly ok: boolean;
  readonly want: string;
  readonly got: string;
  readonly settled: string;
}

/** The examples that our command has part in. The others test the original's own code; they are counted apart. */
export function examples(source: string, python: string, command: string): Found[] {
  const script = fileURLToPath(new URL("doctests.py", import.meta.url));
  const run = spawnSync(python, [script, source, command], {
    encoding: "utf8",
    maxBuffer: 1e9,
    env: { ...process.env, PYTHONWARNINGS: "ignore" },
  });
  if (run.status !== 0) throw new Error(run.stderr);
  const all = run.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Example => JSON.parse(line));
  const ours = all.filter(({ touches }) => touches);
  console.log(
    `Doctests: ${all.length - ours.length} examples call the original's code in its own process; not counted.`,
  );
  return ours.map(({ document, line, ok, want, got, settled }) => ({
    where: `${document}:${line}`,
    alike: ok,
    shows: shortForm(settled),
    text: `--- zc.buildout\n${want}\n--- this engine\n${got}`,
  }));
}
