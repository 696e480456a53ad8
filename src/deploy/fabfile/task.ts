/** The usage of a command; by default, read from the function's parameters. */
export interface TaskUsage {
  /** `none`, or as in `FILE [TARGET]`, `[--yes] [NAME...]`; anything else is a usage error. */
  arguments?: string;
  /** Words that start with a dash are arguments, too, even if `arguments` does not name them. */
  options?: "untouched";
  /** It changes the host, so it only runs while this deployment has the host's lock. */
  changes?: true;
  /** A call of it for its help: the command and its arguments, as in `echo hello`. */
  example?: string;
}

/** What a fabfile declares about an exported function. */
export interface TaskInfo extends TaskUsage {
  description?: string;
  parallel?: boolean;
  /** The function without the marks. */
  original?: TaskFunction;
}

/** Any function of a fabfile: its arguments are words of the command line, or passed by another command. */
// biome-ignore lint/suspicious/noExplicitAny: functions of any arguments are commands
export type TaskFunction = (...args: any[]) => unknown;

// A registered symbol: the fabfile may use another copy of this module.
const INFO = Symbol.for("hostout.task");

function marked<F extends TaskFunction>(fn: F, info: TaskInfo): F {
  const former = taskInfo(fn);
  const copy = ((...args: Parameters<F>) => fn(...args)) as F;
  return Object.assign(copy, { [INFO]: { original: fn, ...former, ...info } });
}

/** What `task`, `parallel` and `serial` have recorded about a function. */
export function taskInfo(fn: TaskFunction): TaskInfo {
  return (fn as { [INFO]?: TaskInfo })[INFO] ?? {};
}

/** Sets the description of a command in the list of commands, and its usage. */
export function task<F extends TaskFunction>(description: string, fn: F, usage: TaskUsage = {}): F {
  return marked(fn, { description, ...usage });
}

/** Lets a command run on all hosts of the command line in parallel. */
export function parallel<F extends TaskFunction>(fn: F): F {
  return marked(fn, { parallel: true });
}

/** Makes a command run on one host after the other, even with `--parallel`. */
export function serial<F extends TaskFunction>(fn: F): F {
  return marked(fn, { parallel: false });
}
