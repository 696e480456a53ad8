import { BuildoutError, messageOf, refusal } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { PendingFile } from "../record/pending.ts";
import { removeCreated } from "../record/removal.ts";
import { type OpenCalls, type RecipeCode, recipeException } from "./foreign-code.ts";
import type { ConfiguredPart } from "./part.ts";

/**
 * Runs code of a recipe. What it throws leaves as a `BuildoutError`: the system's refusals as
 * `system-error`, anything unexpected as `recipe-failed`, a defect of the recipe, with the original
 * as its cause; of recipes that are not ours (`code`) as `recipe-exception`. Code that waits for
 * what will never come is `recipe-stalled`.
 */
export async function callRecipe<T>(
  calls: OpenCalls,
  action: () => T | Promise<T>,
  code?: RecipeCode | undefined,
): Promise<T> {
  try {
    return await calls.unlessStalled(action(), code);
  } catch (error) {
    if (error instanceof BuildoutError) throw error;
    const refused = refusal(error);
    if (refused !== undefined) throw new BuildoutError("system-error", refused, { cause: error });
    if (code) throw recipeException(error, code);
    throw new BuildoutError("recipe-failed", messageOf(error), { cause: error });
  }
}

export interface RollbackContext {
  calls: OpenCalls;
  directory: string;
  pending: PendingFile;
  report: Reporter<EngineEvent>;
  /** Aborted when the user interrupts: created paths are removed at once. */
  signal: AbortSignal | undefined;
}

/**
 * Runs a recipe's install or update function in the buildout directory. If it
 * fails or is interrupted, the paths it registered with `created` go again.
 * If it succeeds, `pending` still holds them until the caller has recorded the part.
 */
export async function callWithRollback<T>(
  { part, creation, code }: ConfiguredPart,
  action: () => T | Promise<T>,
  { calls, directory, pending, report, signal }: RollbackContext,
): Promise<T> {
  const created: string[] = [];
  const rollBack = () => {
    const missing = removeCreated(created, directory);
    // Recipes of ours register what they are about to make: nobody need hear that it was not made.
    for (const path of code ? missing : []) {
      report({ type: "part-not-cleaned", part: part.name, path });
    }
    pending.clear();
  };
  creation.note = (paths) => {
    created.push(...paths);
    pending.save(created);
    return created;
  };
  signal?.addEventListener("abort", rollBack, { once: true });
  process.chdir(directory);
  try {
    return await callRecipe(calls, action, code);
  } catch (error) {
    if (!signal?.aborted) rollBack();
    throw error;
  } finally {
    signal?.removeEventListener("abort", rollBack);
    creation.note = undefined;
    process.chdir(directory);
  }
}
