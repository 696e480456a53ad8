import { readFileSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { firstDifference } from "./compare.ts";
import { type Engine, thisEngine } from "./engines.ts";
import { generators } from "./generators/index.ts";
import { newPlace, outcomes } from "./life.ts";
import type { Sample } from "./sample.ts";

const samples: Sample[] = JSON.parse(readFileSync(new URL("sample.json", import.meta.url), "utf8"));
const recipes = [...new Set(samples.map(({ recipe }) => recipe))];

describe("generated parts, as the original recipes answered them", () => {
  const place = newPlace();
  let engine: Engine;
  beforeAll(async () => {
    engine = await thisEngine(place.output);
  });
  afterAll(() => {
    engine.close();
    rmSync(place.top, { recursive: true, force: true });
  });

  test.each(recipes)("%s", async (recipe) => {
    const assignments = generators[recipe]!.prepare?.(place) ?? [];
    const chosen = samples.filter((sample) => sample.recipe === recipe);
    expect(chosen.length).toBeGreaterThan(2);
    for (const { steps, outcomes: wanted } of chosen) {
      const found = await outcomes(engine, place, steps, assignments);
      expect(firstDifference(recipe, wanted, found), JSON.stringify(steps)).toBeUndefined();
    }
  });
});
