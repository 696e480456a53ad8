/**
 * `npm run parity`: compares this engine with zc.buildout. Its requirements are not part of this
 * package; environment variables name them:
 *
 *   PARITY_BUILDOUT  the command of zc.buildout 5
 *   PARITY_SOURCE    a source tree of zc.buildout 5.2; its doctests are run
 *   PARITY_DOCTESTS  a directory with the result of each of its documents: after an interruption,
 *                    only the others are run; remove a file to run its document again
 *   PARITY_PYTHON    a Python that has zc.buildout, zc.recipe.egg, setuptools, wheel, packaging, and
 *                    for the doctests zope.testing and build
 *   PARITY_RECIPES   a directory of source trees of public recipes, by the names in recipes.ts; the
 *                    doctests of those in recipe-examples.ts are run with our native recipes
 *   PARITY_BUILDOUTS configurations of public buildouts, separated by colons: the directory of each
 *                    is copied as a whole
 *   PARITY_SEED      another number generates other life cycles
 *
 * Without PARITY_BUILDOUT, the life cycles are compared with the results of this engine when it was
 * last compared with the original (life-cycles.json). Other comparisons without their requirements
 * are skipped, and the run reports them. The results must match the table (differences.json): each
 * difference as recorded, and at least as many equal results as recorded.
 *
 * `--record` rewrites the table and the results; a difference without a reason fails the run. Other
 * arguments select life cycles, recipes, buildouts and documents by name.
 *
 * Debian 12's own python3-zc.buildout does not work: 2.13.2 imports a name that Python 3.10 removed,
 * and does not start.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compare, live, type Outcome, type Subject } from "./compare.ts";
import { examples } from "./examples.ts";
import { buildoutSubjects, recipeSubjects } from "./foreign.ts";
import { generatedLifeCycles } from "./generated.ts";
import { languageSubjects } from "./language.ts";
import { lifeCycleSubject, lifeCycles } from "./life-cycles.ts";
import { recipeExamples } from "./recipe-examples.ts";
import { serveFiles, surroundedSubjects } from "./surroundings.ts";
import { type Found, judge, readOutcomes, readTable, record, writeOutcomes } from "./table.ts";

const ours = fileURLToPath(new URL("../../../bin/buildout", import.meta.url));

/** How many life cycles are drawn. */
const DRAWN = 14;
/** How many configurations, and how many of them are recorded. */
const LANGUAGES = 30;
const RECORDED_LANGUAGES = 8;
const SURROUNDED = 30;
const RECORDED_SURROUNDED = 6;

/** Earlier versions print other messages about parts. */
function isVersion5(command: string): boolean {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return status === 0 && / 5\./.test(stdout);
}

const {
  PARITY_BUILDOUT,
  PARITY_SOURCE,
  PARITY_RECIPES,
  PARITY_BUILDOUTS,
  PARITY_DOCTESTS,
  PARITY_PYTHON = "python3",
  PARITY_SEED = "1",
} = process.env;
const words = process.argv.slice(2);
const recording = words.includes("--record");
const wanted = words.filter((word) => word !== "--record");
const isNamed = (name: string) => wanted.length === 0 || wanted.some((word) => name.includes(word));
const isWanted = ({ name }: Subject) => isNamed(name);
let table = readTable();
const wrong: string[] = [];

const server = await serveFiles();
const surrounded = (count: number) =>
  surroundedSubjects(Number(PARITY_SEED), count, server.address);

function report(what: string, found: readonly Found[], whole: boolean): void {
  // Somebody named other things.
  if (wanted.length > 0 && found.length === 0) return;
  if (recording && whole) table = record(what, found, table);
  wrong.push(...judge(what, found, table, whole));
}

const ourOutcomes = (subject: Subject): Outcome[] =>
  live([ours, ...(subject.ourArguments ?? [])], subject);

function runSubjects(what: string, subjects: readonly Subject[], original: string): void {
  const found = subjects
    .filter(isWanted)
    .flatMap((subject) => compare(subject, live([original], subject), ourOutcomes(subject)));
  report(what, found, wanted.length === 0 && PARITY_SEED === "1");
}

function lifeCycleSubjects(): Subject[] {
  const drawn = generatedLifeCycles(Number(PARITY_SEED), DRAWN);
  return Object.entries({ ...lifeCycles, ...drawn }).map(([name, steps]) =>
    lifeCycleSubject(name, steps),
  );
}

/** Comparisons that also run without the original. */
function recordedSubjects(): Subject[] {
  const languages = languageSubjects(Number(PARITY_SEED), RECORDED_LANGUAGES);
  return [...lifeCycleSubjects(), ...languages, ...surrounded(RECORDED_SURROUNDED)];
}

function runRecorded(): void {
  const outcomes = readOutcomes();
  const found = recordedSubjects()
    .filter(isWanted)
    .flatMap((subject) => {
      const recorded = outcomes[subject.name];
      if (recorded === undefined) {
        const text = "Nothing is recorded of it: compare it with the original.";
        return [{ where: subject.name, alike: false, shows: "", text }];
      }
      return compare(subject, recorded, ourOutcomes(subject));
    });
  if (wanted.length > 0 && found.length === 0) return;
  // Differences from the original are recorded as they are here.
  wrong.push(...judge("Recorded life cycles", found, { figures: {}, differences: [] }, false));
}

if (PARITY_BUILDOUT === undefined) {
  console.log("No zc.buildout 5 (PARITY_BUILDOUT): comparing with what was recorded.");
  runRecorded();
} else {
  if (!isVersion5(PARITY_BUILDOUT)) {
    throw new Error(`${PARITY_BUILDOUT} is no zc.buildout 5 that starts.`);
  }
  runSubjects("Life cycles", lifeCycleSubjects(), PARITY_BUILDOUT);
  const languages = languageSubjects(Number(PARITY_SEED), LANGUAGES);
  runSubjects("Language", languages, PARITY_BUILDOUT);
  runSubjects("Surroundings", surrounded(SURROUNDED), PARITY_BUILDOUT);
  if (recording && wanted.length === 0 && PARITY_SEED === "1") {
    const subjects = recordedSubjects().map((one) => [one.name, ourOutcomes(one)]);
    writeOutcomes(Object.fromEntries(subjects));
  }
  if (PARITY_RECIPES) {
    runSubjects("Public recipes", recipeSubjects(PARITY_RECIPES, PARITY_PYTHON), PARITY_BUILDOUT);
    const engines = [PARITY_BUILDOUT, ours] as const;
    const found = recipeExamples(PARITY_RECIPES, PARITY_PYTHON, engines, isNamed, wrong);
    report("Doctests of recipes", found, wanted.length === 0);
  } else console.log("Public recipes: not run, no source trees (PARITY_RECIPES).");
  if (PARITY_BUILDOUTS) {
    const configurations = PARITY_BUILDOUTS.split(":");
    const read = buildoutSubjects(configurations, PARITY_PYTHON);
    if (read.length < configurations.length) {
      wrong.push(
        `Public buildouts: only ${read.length} of ${configurations.length} could be read.`,
      );
    }
    runSubjects("Public buildouts", read, PARITY_BUILDOUT);
  } else console.log("Public buildouts: not run, no configurations (PARITY_BUILDOUTS).");
}
if (PARITY_SOURCE) {
  const doctests = { python: PARITY_PYTHON, command: ours, kept: PARITY_DOCTESTS };
  const found = examples({ source: PARITY_SOURCE, ...doctests }, isNamed, wrong);
  report("Doctests", found, wanted.length === 0);
} else console.log("Doctests: not run, no source tree of zc.buildout (PARITY_SOURCE).");
server.close();
for (const { where, reason } of table.differences) {
  if (!reason) wrong.push(`${where} has no reason in the table.`);
}
for (const line of wrong) console.log(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
