/** Handles code of foreign recipes in TypeScript and JavaScript. */
import { fileURLToPath } from "node:url";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import { BuildoutError, type Location } from "../../errors/error.ts";

/** Code of a recipe, for messages. */
export interface RecipeCode {
  /** As the subject of a sentence: `The recipe ./tools/motd.ts of part motd`. */
  subject: string;
  /** The file or directory of the code. */
  source: string;
}

/** The code behind a recipe, if it is not ours. */
export function recipeCode(
  { source }: Pick<FoundRecipe, "source">,
  recipe: string,
  part: string,
): RecipeCode | undefined {
  return source === undefined
    ? undefined
    : { subject: `The recipe ${recipe} of part ${part}`, source };
}

/** The innermost line of a stack within a file or directory. */
function placeIn(stack: string, source: string): Location | undefined {
  for (const [, path = "", line] of stack.matchAll(/((?:file:\/\/)?\/[^\n()]*?):(\d+):\d+\)?$/gm)) {
    const file = path.startsWith("file:") ? fileURLToPath(path) : path;
    if (file === source || file.startsWith(`${source}/`)) return { file, line: Number(line) };
  }
  return undefined;
}

/** The error for anything that a recipe has thrown. */
export function recipeException(thrown: unknown, { subject, source }: RecipeCode): BuildoutError {
  const isError = thrown instanceof Error;
  const text = isError ? `${thrown.name}: ${thrown.message}` : `it threw ${String(thrown)}`;
  const location = isError ? placeIn(thrown.stack ?? "", source) : undefined;
  return new BuildoutError("recipe-exception", `${subject} failed: ${text}`, {
    ...{ location: location ?? { file: source }, cause: thrown },
    ...(isError && { hint: "Add -D to see the stack." }),
  });
}

interface Call {
  subject: string;
  reject(error: BuildoutError): void;
}

/** The pending calls of recipes' code in one run. */
export class OpenCalls {
  /** Innermost last: a recipe may initialize another one. */
  private readonly calls: Call[] = [];

  /**
   * The result; throws `recipe-stalled` if it is still pending when this process has nothing left to do,
   * which would make Node exit.
   */
  async unlessStalled<T>(result: T | Promise<T>, code: RecipeCode | undefined): Promise<T> {
    if (!(result instanceof Promise)) return result;
    const { calls } = this;
    const stalled = new Promise<never>((_, reject) => {
      calls.push({ subject: code?.subject ?? "A recipe", reject });
    });
    const call = calls.at(-1)!;
    if (calls.length === 1) process.on("beforeExit", this.tellInnermost);
    try {
      return await Promise.race([result, stalled]);
    } finally {
      calls.splice(calls.indexOf(call), 1);
      if (calls.length === 0) process.off("beforeExit", this.tellInnermost);
    }
  }

  private readonly tellInnermost = () => {
    const call = this.calls.at(-1);
    const what = "waits for something that never happens: nothing else is running.";
    // In a separate turn, since handling the error may need the event loop.
    setImmediate(() =>
      call?.reject(new BuildoutError("recipe-stalled", `${call.subject} ${what}`)),
    );
  };
}
