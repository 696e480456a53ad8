import { BuildoutError, messageOf, refusal } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { PendingFile } from "../record/pending.ts";
import { removeCreated } from "../record/removal.ts";
import { type OpenCalls, type RecipeCode, recipeException } from "./foreign-code.ts";
import type { ConfiguredPart } from "./part.ts";

/**
 * Runs code of a recipe. Converts errors to a `BuildoutError`: refusals of the system to `system-error`;
 * anything unexpected to `recipe-failed`, a defect of the recipe, with the original as its cause, or for
 * foreign recipes (`code`) to `recipe-exception`. Code that waits forever is `recipe-stalled`.
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
 * Runs a recipe's install or update function in the buildout directory. If it fails or is interrupted, the
 * paths it registered with `created` are removed. If it succeeds, `pending` still has them until the caller
 * has recorded the part.
 */
export async function callWithRollback<T>(
  { part, creation, code }: ConfiguredPart,
  action: () => T | Promise<T>,
  { calls, directory, pending, report, signal }: RollbackContext,
): Promise<T> {
  const created: string[] = [];
  const rollBack = () => {
    const missing = removeCreated(created, directory);
    // Our recipes register what they are about to create: missing paths need no report.
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
