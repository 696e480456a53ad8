import { BuildoutError, type Location } from "../errors/error.ts";

/** An exception as the worker describes it. */
export interface Failure {
  kind: "engine" | "user" | "exit" | "interrupt" | "defect" | "too-old";
  message: string;
  /** For kind "engine": the key of our own error. */
  key?: number | null;
  /** `ValueError`, `package.module.Problem` */
  type?: string;
  /** For kind "exit": the argument of `sys.exit`, 0 for none. */
  status?: number | string | null;
  /** File and line of each frame, the innermost last. */
  frames?: [file: string, line: number | null][];
  /** What was in progress, outermost first. */
  doing?: string[];
  traceback?: string;
}

/** An uncaught exception of Python code. */
export class PythonError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = "PythonError";
    this.failure = failure;
    // Shown in debug mode below "Caused by:".
    if (failure.traceback) this.stack = failure.traceback.trimEnd();
  }
}

/** How to report a failure of Python code. */
export interface FailureContext {
  /** What failed, as the subject of a sentence: `The recipe x of part a`. */
  subject: string;
  /** Directories with code that the user may want to look at. */
  ownFolders: readonly string[];
  /** Where the configuration names the recipe, for errors of the user. */
  named: Location | undefined;
  /** Whether to show the traceback. */
  verbose: boolean;
}

/** Where it was raised, preferably in code below one of the directories. */
export function ownFrame({ frames = [] }: Failure, folders: readonly string[]) {
  const own = frames.filter(([file]) => folders.some((folder) => file.startsWith(`${folder}/`)));
  const [file, line] = own.at(-1) ?? frames.at(-1) ?? [];
  return file === undefined ? undefined : { file, ...(line != null && { line }) };
}

const VERBOSE_HINT = "Add -v to see the Python traceback.";

/** The error to show for an exception. */
export function explain(error: PythonError, context: FailureContext): BuildoutError {
  const { failure } = error;
  const { subject, ownFolders, verbose } = context;
  const { kind, message, type, status } = failure;
  const shown = {
    cause: error,
    while: failure.doing ?? [],
    ...(verbose && failure.traceback && { output: failure.traceback }),
  };
  if (kind === "user") {
    return new BuildoutError("recipe-error", message, {
      ...shown,
      ...(context.named && { location: context.named }),
    });
  }
  const location = ownFrame(failure, ownFolders);
  if (kind === "exit") {
    const how = typeof status === "string" ? `: ${status}` : ` with exit status ${status}.`;
    return new BuildoutError("recipe-exit", `${subject} ended the run${how}`, {
      ...shown,
      ...(location && { location }),
    });
  }
  const text = message === "" ? type : `${type}: ${message}`;
  return new BuildoutError("python-recipe-failed", `${subject} failed: ${text}`, {
    ...shown,
    ...(location && { location }),
    ...(!verbose && { hint: VERBOSE_HINT }),
  });
}
