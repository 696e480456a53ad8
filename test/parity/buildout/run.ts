/**
 * `npm run parity`: compares this engine with zc.buildout. What it needs is handed in, for none of
 * it is part of this package:
 *
 *   PARITY_BUILDOUT  the command of zc.buildout 5: the system's if none is named
 *   PARITY_SOURCE    a source tree of zc.buildout 5.2; its doctests are run
 *   PARITY_PYTHON    a Python with what that tree's tests need
 *
 * Words on the command line choose life cycles by name.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compare, type Difference } from "./compare.ts";
import { lifeCycles } from "./life-cycles.ts";

interface Example {
  readonly document: string;
  readonly line: number;
  readonly ok: boolean;
  readonly want: string;
  readonly got: string;
}

interface Known {
  readonly document: string;
  readonly line: number;
  readonly reason: string;
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const ours = here("../../../bin/buildout");

/** Earlier versions say other things of parts. */
function isVersion5(command: string): boolean {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return status === 0 && / 5\./.test(stdout);
}

function print(difference: Difference): void {
  const { lifeCycle, step, theirs, ours } = difference;
  console.log(`${lifeCycle}, step ${step}:`);
  for (const line of theirs) if (!ours.includes(line)) console.log(`  zc.buildout: ${line}`);
  for (const line of ours) if (!theirs.includes(line)) console.log(`  this engine: ${line}`);
}

/** The number of steps that differ. */
function runLifeCycles(theirs: string, wanted: readonly string[]): number {
  let steps = 0;
  const different: Difference[] = [];
  for (const [name, lifeCycle] of Object.entries(lifeCycles)) {
    if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
    steps += lifeCycle.length;
    different.push(...compare(name, lifeCycle, { theirs, ours }));
  }
  different.forEach(print);
  console.log(`Life cycles: ${steps - different.length} of ${steps} steps alike.`);
  return different.length;
}

/** The number of examples that differ without a reason in the table. */
function runDoctests(source: string, python: string): number {
  const run = spawnSync(python, [here("doctests.py"), source, ours], {
    encoding: "utf8",
    maxBuffer: 1e9,
    env: { ...process.env, PYTHONWARNINGS: "ignore" },
  });
  if (run.status !== 0) throw new Error(run.stderr);
  const examples = run.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Example => JSON.parse(line));
  const known: Known[] = JSON.parse(readFileSync(here("differences.json"), "utf8"));
  const failing = examples.filter(({ ok }) => !ok);
  const same = (one: Known | Example) => (other: Known | Example) =>
    one.document === other.document && one.line === other.line;
  const unknown = failing.filter((example) => !known.some(same(example)));
  const mended = known.filter((entry) => !failing.some(same(entry)));
  for (const { document, line, want, got } of unknown) {
    console.log(`${document}:${line}\n--- zc.buildout\n${want}\n--- this engine\n${got}`);
  }
  for (const { document, line } of mended) console.log(`${document}:${line} is alike by now.`);
  const alike = examples.length - failing.length;
  console.log(
    `Doctests: ${alike} of ${examples.length} alike, ${failing.length - unknown.length} differ as known, ${unknown.length} otherwise.`,
  );
  return unknown.length;
}

const { PARITY_BUILDOUT, PARITY_SOURCE, PARITY_PYTHON = "python3" } = process.env;
const theirs = PARITY_BUILDOUT ?? "/usr/bin/buildout";
let different = 0;
if (isVersion5(theirs)) different += runLifeCycles(theirs, process.argv.slice(2));
else if (PARITY_BUILDOUT) throw new Error(`${theirs} is no zc.buildout 5 that starts.`);
else console.log("Life cycles: skipped, no zc.buildout 5 (PARITY_BUILDOUT).");
if (PARITY_SOURCE) different += runDoctests(PARITY_SOURCE, PARITY_PYTHON);
else console.log("Doctests: skipped, no source tree of zc.buildout (PARITY_SOURCE).");
process.exitCode = different > 0 ? 1 : 0;
