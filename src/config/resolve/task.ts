/**
 * Resolving one reference can need another one, ten thousand deep, and can need a recipe to be constructed
 * in between. A task is a generator that yields what it needs; it runs on a separate stack, so that depth
 * does not use the call stack, with or without waiting.
 */

/** Yields subtasks, which run to their end first, and needs, which are met from outside. */
export type Task<Need, Result> = Generator<Task<Need, unknown> | Need, Result, unknown>;

function isTask<Need>(wanted: Task<Need, unknown> | Need): wanted is Task<Need, unknown> {
  return typeof (wanted as Partial<Iterator<unknown>>).next === "function";
}

/** One step of the innermost task; returns the need that must be met before the next step. */
class Run<Need, Result> {
  private readonly stack: Task<Need, unknown>[];
  private value: unknown;
  private thrown: { error: unknown } | undefined;
  done = false;

  constructor(task: Task<Need, Result>) {
    this.stack = [task];
  }

  fail(error: unknown): void {
    this.thrown = { error };
  }

  answer(value: unknown): void {
    this.value = value;
  }

  result(): Result {
    if (this.thrown !== undefined) throw this.thrown.error;
    return this.value as Result;
  }

  step(): Need | undefined {
    const task = this.stack.at(-1);
    if (task === undefined) {
      this.done = true;
      return undefined;
    }
    const { thrown, value } = this;
    this.thrown = undefined;
    this.value = undefined;
    try {
      const next = thrown === undefined ? task.next(value) : task.throw(thrown.error);
      if (next.done === true) {
        this.stack.pop();
        this.value = next.value;
      } else if (isTask(next.value)) {
        this.stack.push(next.value);
      } else return next.value;
    } catch (error) {
      this.stack.pop();
      this.thrown = { error };
    }
    return undefined;
  }
}

/** Runs a task to its end; needs are not met and return undefined. */
export function runNow<Need, Result>(task: Task<Need, Result>): Result {
  const run = new Run(task);
  while (!run.done) run.step();
  return run.result();
}

/** Runs a task to its end, awaiting `meet` for each need. */
export async function runWaiting<Need, Result>(
  task: Task<Need, Result>,
  meet: (need: Need) => Promise<unknown>,
): Promise<Result> {
  const run = new Run(task);
  while (!run.done) {
    const need = run.step();
    if (need === undefined) continue;
    try {
      run.answer(await meet(need));
    } catch (error) {
      run.fail(error);
    }
  }
  return run.result();
}
