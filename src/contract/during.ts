import { BuildoutError } from "../errors/error.ts";

/** Runs `action`; an error from it gets this as one of the lines below `While:`. */
export async function during<T>(activity: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (thrown instanceof BuildoutError) thrown.while.unshift(activity);
    throw thrown;
  }
}
