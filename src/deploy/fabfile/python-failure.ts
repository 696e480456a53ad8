import { dirname } from "node:path";
import { ownFrame, type PythonError } from "../../bridge/failure.ts";
import type { ErrorCode } from "../../errors/codes.ts";
import { BuildoutError, type ErrorDetails } from "../../errors/error.ts";

/** A fabfile, for messages. */
export interface FailedFabfile {
  /** Display name: its name in `fabfiles`, or the plugin's. */
  source: string;
  /** The fabfile, or the directories of the plugin's packages. */
  paths: readonly string[];
  /** The interpreter that runs it. */
  executable: string;
}

/** Expected ends of a run, by their class in Python. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  "fabric.exceptions.Aborted": "aborted",
  "fabric.exceptions.CommandFailed": "remote-command-failed",
  "fabric.exceptions.CommandTimeout": "command-timeout",
  "fabric.exceptions.NetworkError": "connection-lost",
  "fabric.exceptions.Refused": "aborted",
  "invoke.exceptions.UnexpectedExit": "remote-command-failed",
};

const SYNTAX_ERRORS = new Set(["SyntaxError", "IndentationError", "TabError"]);

/** Functions and modules that only Python 2 has. */
const PYTHON_2_NAME =
  /'(raw_input|unicode|xrange|basestring|unichr|execfile|reduce|long|file|reload|cmp|urllib2|urlparse|ConfigParser|StringIO|cStringIO|Queue|commands|httplib|__builtin__|cPickle|has_key|iteritems|itervalues)'/;

function hintFor(type: string, message: string, file: string | undefined, executable: string) {
  if (SYNTAX_ERRORS.has(type)) {
    return `If it is Python 2 code, translate it: 2to3 -w ${file ?? "FILE"}`;
  }
  if (PYTHON_2_NAME.test(message) && /^(Name|Import|ModuleNotFound|Attribute)Error$/.test(type)) {
    return `Python 3 has no such name. Translate code for Python 2: 2to3 -w ${file ?? "FILE"}`;
  }
  if (type === "ModuleNotFoundError") {
    return `Install it for ${executable}, or choose another interpreter with 'executable' in the section that 'python' names.`;
  }
  return "Add --debug to see the Python traceback.";
}

/**
 * The error for an exception that a fabfile did not catch; undefined if it ended the run successfully with
 * `sys.exit(0)`.
 */
export function explainFabfile(
  error: PythonError,
  { source, paths, executable }: FailedFabfile,
): BuildoutError | undefined {
  const { kind, message, type = "", status } = error.failure;
  const location = ownFrame(error.failure, [...paths.map(dirname), ...paths]);
  // As in Python: for -9, a command ended by signal 9, the last eight bits.
  const exitStatus = typeof status === "number" ? status & 0xff : 0;
  const details: ErrorDetails = {
    ...{ cause: error, ...(location && { location }) },
    ...(exitStatus > 1 && { exitStatus }),
  };
  const code = CODES[type];
  if (code !== undefined) {
    return new BuildoutError(code, message, details);
  }
  if (kind === "interrupt") return new BuildoutError("interrupted", "Interrupted.", details);
  if (kind === "exit") {
    if (status === 0) return undefined;
    const text =
      typeof status === "string" ? status : `${source} ended the run with exit status ${status}.`;
    return new BuildoutError("fabfile-exit", text, details);
  }
  const text = message === "" ? type : kind === "user" ? message : `${type}: ${message}`;
  const hint = hintFor(type, message, location?.file, executable);
  if (SYNTAX_ERRORS.has(type)) {
    const told = `${source} is not written in Python 3: ${message}`;
    return new BuildoutError("fabfile-syntax", told, { ...details, hint });
  }
  return new BuildoutError("fabfile-failed", `${source} failed: ${text}`, { ...details, hint });
}
