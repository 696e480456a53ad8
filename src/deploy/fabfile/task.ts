/** What a command takes; without it that is read from the function's parameters. */
export interface TaskUsage {
  /** `none`, or as in `FILE [TARGET]`, `[--yes] [NAME...]`; anything else is a usage error. */
  arguments?: string;
  /** Words that begin with a dash are arguments, too, whether `arguments` names them or not. */
  options?: "untouched";
  /** It changes the host, and so runs only while this deployment has the host's lock. */
  changes?: true;
  /** A call of it for its help: the command and its arguments, as in `echo hello`. */
  example?: string;
}

/** What a fabfile says about a function that it exports. */
export interface TaskInfo extends TaskUsage {
  description?: string;
  parallel?: boolean;
  /** The function without the marks. */
  original?: TaskFunction;
}

/** Any function of a fabfile: its arguments are the words of the command line, or what a command passes. */
// biome-ignore lint/suspicious/noExplicitAny: functions of any arguments are commands
export type TaskFunction = (...args: any[]) => unknown;

// Registered: a fabfile may have been loaded beside another copy of this module.
const INFO = Symbol.for("hostout.task");

function marked<F extends TaskFunction>(fn: F, info: TaskInfo): F {
  const former = taskInfo(fn);
  const copy = ((...args: Parameters<F>) => fn(...args)) as F;
  return Object.assign(copy, { [INFO]: { original: fn, ...former, ...info } });
}

/** What `task`, `parallel` and `serial` have noted about a function. */
export function taskInfo(fn: TaskFunction): TaskInfo {
  return (fn as { [INFO]?: TaskInfo })[INFO] ?? {};
}

/** Gives a command the line that the list of commands shows, and says what it takes. */
export function task<F extends TaskFunction>(description: string, fn: F, usage: TaskUsage = {}): F {
  return marked(fn, { description, ...usage });
}

/** Lets a command run on all hosts that the command line names at the same time. */
export function parallel<F extends TaskFunction>(fn: F): F {
  return marked(fn, { parallel: true });
}

/** The command runs on one host after the other, even where the command line says `--parallel`. */
export function serial<F extends TaskFunction>(fn: F): F {
  return marked(fn, { parallel: false });
}
