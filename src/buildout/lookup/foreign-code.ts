/** Care for the code of recipes in TypeScript and JavaScript that are not ours. */
import { fileURLToPath } from "node:url";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import { BuildoutError, type Location } from "../../errors/error.ts";

/** Code of a recipe, for messages. */
export interface RecipeCode {
  /** As the subject of a sentence: `The recipe ./tools/motd.ts of part motd`. */
  subject: string;
  /** The file or folder that it is in. */
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

/** The innermost line of a stack that is in a file or folder. */
function placeIn(stack: string, source: string): Location | undefined {
  for (const [, path = "", line] of stack.matchAll(/((?:file:\/\/)?\/[^\n()]*?):(\d+):\d+\)?$/gm)) {
    const file = path.startsWith("file:") ? fileURLToPath(path) : path;
    if (file === source || file.startsWith(`${source}/`)) return { file, line: Number(line) };
  }
  return undefined;
}

/** What the user is told of something that a recipe has thrown. */
export function recipeException(thrown: unknown, { subject, source }: RecipeCode): BuildoutError {
  const isError = thrown instanceof Error;
  const text = isError ? `${thrown.name}: ${thrown.message}` : `it threw ${String(thrown)}`;
  const location = isError ? placeIn(thrown.stack ?? "", source) : undefined;
  return new BuildoutError("recipe-exception", `${subject} failed: ${text}`, {
    ...{ location: location ?? { file: source }, cause: thrown },
    ...(isError && { hint: "The stack is shown with -D." }),
  });
}

interface Call {
  subject: string;
  reject(error: BuildoutError): void;
}

/** The calls of recipes' code that one run waits for. */
export class OpenCalls {
  /** The innermost comes last: a recipe may bring another one to life. */
  private readonly calls: Call[] = [];

  /**
   * The result; throws `recipe-stalled` where it is still waited for when this process has nothing
   * left to do, which Node itself would take for the end.
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
    const what = "waits for something that will never come: nothing is left that could go on.";
    // In a turn of its own: what the error leads to may need the event loop.
    setImmediate(() =>
      call?.reject(new BuildoutError("recipe-stalled", `${call.subject} ${what}`)),
    );
  };
}
