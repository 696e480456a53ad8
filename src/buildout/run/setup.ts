import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { BuildoutRequest } from "../../contract/engine.ts";
import { missingInterpreter } from "../../distributions/python/interpreter.ts";
import { BuildoutError } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";
import { Buildout } from "./buildout.ts";

/** Runs the setup script named by its first argument. Reports missing setuptools on descriptor 3. */
const RUN_SCRIPT = `
import os, sys
try:
    import setuptools
except ImportError:
    os.write(3, b"-")
    sys.exit(1)
os.close(3)
del sys.argv[0]
__file__ = sys.argv[0]
sys.path[0] = os.path.dirname(__file__)
os.chdir(sys.path[0])
with open(__file__, "rb") as file:
    source = file.read()
exec(compile(source, __file__, "exec"))
`;

interface Outcome {
  status: number | NodeJS.Signals;
  hasSetuptools: boolean;
}

/** Runs the interpreter with our own input and outputs. */
function runPython(executable: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((done, fail) => {
    const child = spawn(executable, ["-c", RUN_SCRIPT, ...args], {
      cwd,
      stdio: ["inherit", "inherit", "inherit", "pipe"],
    });
    const end = () => child.kill();
    process.once("exit", end);
    let hasSetuptools = true;
    child.stdio[3]?.on("data", () => {
      hasSetuptools = false;
    });
    child.once("error", fail);
    child.once("close", (code, signal) => {
      process.removeListener("exit", end);
      done({ status: code ?? signal ?? 1, hasSetuptools });
    });
  });
}

/** `'python3', 'setup.py'`: a command as zc.buildout shows it. */
function shown(command: readonly string[]): string {
  return command.map((word) => repr(word)).join(", ");
}

/**
 * The setup command: runs a setup script, or the `setup.py` of a folder, with the interpreter that
 * `executable` names and setuptools loaded. Its input and output are ours.
 * Throws `usage`, `missing-file`, `interpreter-missing`, `missing-setuptools`, `command-failed`.
 */
export async function setup(request: BuildoutRequest, args: readonly string[]): Promise<void> {
  const { report, settings } = await Buildout.open(request);
  const [given, ...rest] = args;
  if (given === undefined) {
    throw new BuildoutError(
      "usage",
      "The setup command requires the path to a setup script or \n" +
        "directory containing a setup script, and its arguments.",
      { hint: "Such as: buildout setup . sdist" },
    );
  }
  const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() === true;
  const script = isFolder ? `${given.replace(/\/$/, "")}/setup.py` : given;
  report({ type: "setup-running", script });
  const path = resolve(script);
  if (!existsSync(path)) {
    throw new BuildoutError("missing-file", `No such setup script: ${repr(path)}`);
  }
  const location = request.configuration.location("buildout", "executable");
  const { executable } = settings.python;
  if (executable === "") throw missingInterpreter(undefined, location);
  const python = resolve(settings.directory, executable);
  if (!existsSync(python)) throw missingInterpreter(python, location);
  const { status, hasSetuptools } = await runPython(python, [path, ...rest], dirname(path));
  if (!hasSetuptools) {
    throw new BuildoutError("missing-setuptools", `${repr(python)} has no setuptools.`, {
      ...(location && { location }),
      hint: `Install it: ${python} -m pip install setuptools`,
    });
  }
  if (status === 0) return;
  throw new BuildoutError(
    "command-failed",
    `Failed to run command:\n${shown([python, path, ...rest])}`,
    {
      hint:
        typeof status === "number"
          ? `It ended with exit status ${status}.`
          : `It was ended by ${status}.`,
    },
  );
}
