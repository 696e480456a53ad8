import { BuildoutError, type Location } from "../errors/error.ts";

/** An exception as the worker describes it. */
export interface Failure {
  kind: "engine" | "user" | "exit" | "interrupt" | "defect" | "too-old";
  message: string;
  /** For kind "engine": which of our own errors it was. */
  key?: number | null;
  /** `ValueError`, `package.module.Problem` */
  type?: string;
  /** For kind "exit": the argument of `sys.exit`, 0 for none. */
  status?: number | string | null;
  /** File and line of each frame, the innermost last. */
  frames?: [file: string, line: number | null][];
  /** What functions said they were doing, outermost first. */
  doing?: string[];
  traceback?: string;
}

/** An exception of Python code that nobody there caught. */
export class PythonError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = "PythonError";
    this.failure = failure;
    // What debug mode shows below "Caused by:".
    if (failure.traceback) this.stack = failure.traceback.trimEnd();
  }
}

/** Where Python code failed, for the user. */
export interface FailureContext {
  /** What failed, as the subject of a sentence: `The recipe x of part a`. */
  subject: string;
  /** Folders with the code that the user may want to look at. */
  ownFolders: readonly string[];
  /** Where the user named the recipe: for errors that are the user's own. */
  named: Location | undefined;
  /** Whether the user wants to see the traceback. */
  verbose: boolean;
}

/** Where it was raised, in code below one of the folders if possible. */
export function ownFrame({ frames = [] }: Failure, folders: readonly string[]) {
  const own = frames.filter(([file]) => folders.some((folder) => file.startsWith(`${folder}/`)));
  const [file, line] = own.at(-1) ?? frames.at(-1) ?? [];
  return file === undefined ? undefined : { file, ...(line != null && { line }) };
}

const VERBOSE_HINT = "The Python traceback is shown with -v.";

/** What the user is told of an exception. */
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
