/**
 * `npm run parity`: compares this engine with zc.buildout. What it needs is handed in, for none of
 * it is part of this package:
 *
 *   PARITY_BUILDOUT  the command of zc.buildout 5: the system's if none is named
 *   PARITY_SOURCE    a source tree of zc.buildout 5.2; its doctests are run
 *   PARITY_PYTHON    a Python that has zc.buildout, zc.recipe.egg, setuptools, wheel, packaging, and
 *                    for the doctests zope.testing
 *   PARITY_RECIPES   a directory of source trees of public recipes, by the names in recipes.ts
 *   PARITY_BUILDOUTS configurations of public buildouts, separated by colons: the
 *                    directory of each is copied as a whole
 *   PARITY_SEED      another number draws other life cycles
 *
 * What is not handed in is skipped, and the run says so. Debian 12's own python3-zc.buildout is of no
 * use: 2.13.2 imports a name that Python 3.10 removed, and does not start.
 *
 * Words on the command line choose life cycles, recipes and buildouts by name.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compare, type Difference, type Engines, type Subject } from "./compare.ts";
import { buildoutSubjects, recipeSubjects } from "./foreign.ts";
import { generatedLifeCycles } from "./generated.ts";
import { lifeCycleSubject, lifeCycles } from "./life-cycles.ts";

interface Example {
  readonly document: string;
  readonly line: number;
  readonly ok: boolean;
  readonly want: string;
  readonly got: string;
}

/** The checked-in table of differences, each with its reason. */
interface Known {
  readonly doctests: readonly Pick<Example, "document" | "line">[];
  readonly steps: readonly Pick<Difference, "subject" | "step">[];
}

const known: Known = JSON.parse(readFileSync(new URL("differences.json", import.meta.url), "utf8"));
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const ours = here("../../../bin/buildout");

/** How many life cycles are drawn. */
const DRAWN = 14;

/** Earlier versions say other things of parts. */
function isVersion5(command: string): boolean {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return status === 0 && / 5\./.test(stdout);
}

function print(difference: Difference): void {
  const { subject, step, theirs, ours } = difference;
  console.log(`${subject}, step ${step}:`);
  for (const line of theirs) if (!ours.includes(line)) console.log(`  zc.buildout: ${line}`);
  for (const line of ours) if (!theirs.includes(line)) console.log(`  this engine: ${line}`);
}

/** The number of steps that differ without a reason in the table. */
function runSubjects(what: string, subjects: readonly Subject[], engines: Engines): number {
  let steps = 0;
  let asKnown = 0;
  let different = 0;
  for (const subject of subjects) {
    if (wanted.length > 0 && !wanted.some((word) => subject.name.includes(word))) continue;
    const found = compare(subject, engines);
    const unknown = found.filter(
      ({ step }) => !known.steps.some((one) => one.subject === subject.name && one.step === step),
    );
    steps += subject.steps.length;
    different += unknown.length;
    asKnown += found.length - unknown.length;
    unknown.forEach(print);
  }
  const alike = steps - different - asKnown;
  console.log(
    `${what}: ${alike} of ${steps} steps alike, ${asKnown} differ as known, ${different} otherwise.`,
  );
  return different;
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
  const failing = examples.filter(({ ok }) => !ok);
  const same = (one: Known["doctests"][number]) => (other: Known["doctests"][number]) =>
    one.document === other.document && one.line === other.line;
  const unknown = failing.filter((example) => !known.doctests.some(same(example)));
  const mended = known.doctests.filter((entry) => !failing.some(same(entry)));
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

function lifeCycleSubjects(): Subject[] {
  const drawn = generatedLifeCycles(Number(PARITY_SEED), DRAWN);
  return Object.entries({ ...lifeCycles, ...drawn }).map(([name, steps]) =>
    lifeCycleSubject(name, steps),
  );
}

const {
  PARITY_BUILDOUT,
  PARITY_SOURCE,
  PARITY_RECIPES,
  PARITY_BUILDOUTS,
  PARITY_PYTHON = "python3",
  PARITY_SEED = "1",
} = process.env;
const wanted = process.argv.slice(2);
const theirs = PARITY_BUILDOUT ?? "/usr/bin/buildout";
let different = 0;
if (isVersion5(theirs)) {
  const engines = { theirs, ours };
  different += runSubjects("Life cycles", lifeCycleSubjects(), engines);
  if (PARITY_RECIPES) {
    const subjects = recipeSubjects(PARITY_RECIPES, PARITY_PYTHON);
    different += runSubjects(`${subjects.length} public recipes`, subjects, engines);
  } else console.log("Public recipes: skipped, no source trees (PARITY_RECIPES).");
  if (PARITY_BUILDOUTS) {
    const subjects = buildoutSubjects(PARITY_BUILDOUTS.split(":"), PARITY_PYTHON);
    different += runSubjects(`${subjects.length} public buildouts`, subjects, engines);
  } else console.log("Public buildouts: skipped, no configurations (PARITY_BUILDOUTS).");
} else if (PARITY_BUILDOUT) throw new Error(`${theirs} is no zc.buildout 5 that starts.`);
else console.log("Life cycles, recipes, buildouts: skipped, no zc.buildout 5 (PARITY_BUILDOUT).");
if (PARITY_SOURCE) different += runDoctests(PARITY_SOURCE, PARITY_PYTHON);
else console.log("Doctests: skipped, no source tree of zc.buildout (PARITY_SOURCE).");
process.exitCode = different > 0 ? 1 : 0;
