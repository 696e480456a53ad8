/**
 * `npm run parity:recipes -- [RECIPE ...]`: compares native recipes with their originals, using
 * generated parts. None of the originals is part of this package:
 *
 *   PARITY_RECIPES  a Python that has zc.buildout 5 and the originals
 *
 * --seed=N and --cases=N select the cases and their number; --show=N prints one case with the results
 * of both engines. --record=N writes the first N equal cases of each recipe into sample.json, which
 * recipes.test.ts uses if there are no originals.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { type Difference, firstDifference } from "./compare.ts";
import { originalEngine, thisEngine } from "./engines.ts";
import { generators } from "./generators/index.ts";
import { newPlace, outcomes } from "./life.ts";
import type { Sample } from "./sample.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    cases: { type: "string", default: "100" },
    show: { type: "string" },
    record: { type: "string", default: "0" },
  },
});

function print(recipe: string, at: number, { step, what, theirs, ours }: Difference): void {
  console.log(`--- ${recipe}, case ${at}, step ${step}: ${what}`);
  for (const line of theirs) console.log(`  original: ${line}`);
  for (const line of ours) console.log(`  native:   ${line}`);
}

const python = process.env.PARITY_RECIPES;
if (!python) {
  console.log("Recipes: skipped, no Python with the originals (PARITY_RECIPES).");
  process.exit();
}
const place = newPlace();
const theirEngine = originalEngine(python, place.output);
const ourEngine = await thisEngine(place.output);
const sampleFile = new URL("sample.json", import.meta.url);
const sample: Sample[] = JSON.parse(readFileSync(sampleFile, "utf8"));

/** The number of cases that differ for no known reason. */
async function compareRecipe(recipe: string): Promise<number> {
  const { cases: arbitrary, prepare } = generators[recipe]!;
  const assignments = prepare?.(place) ?? [];
  const cases = fc.sample(arbitrary, { numRuns: Number(values.cases), seed: Number(values.seed) });
  const alike: Sample[] = [];
  let different = 0;
  for (const [at, steps] of cases.entries()) {
    if (values.show !== undefined && Number(values.show) !== at) continue;
    const theirs = await outcomes(theirEngine, place, steps, assignments);
    const ours = await outcomes(ourEngine, place, steps, assignments);
    if (values.show !== undefined) console.log(JSON.stringify({ steps, theirs, ours }, null, 1));
    const difference = firstDifference(recipe, theirs, ours);
    if (difference === undefined) alike.push({ recipe, steps, outcomes: ours });
    else {
      different += 1;
      print(recipe, at, difference);
    }
  }
  const count = Number(values.record);
  if (count > 0) {
    const others = sample.filter((one) => one.recipe !== recipe);
    sample.splice(0, sample.length, ...others, ...alike.slice(0, count));
  }
  console.log(`${recipe}: ${alike.length} of ${cases.length} alike, ${different} differ.`);
  return different;
}

try {
  const chosen = positionals.length > 0 ? positionals : Object.keys(generators);
  for (const recipe of chosen) if ((await compareRecipe(recipe)) > 0) process.exitCode = 1;
  if (values.record !== "0")
    writeFileSync(sampleFile, `[\n${sample.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`);
} finally {
  theirEngine.close();
  ourEngine.close();
  rmSync(place.top, { recursive: true, force: true });
}
