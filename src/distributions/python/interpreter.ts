import { accessSync, constants, readFileSync, statSync } from "node:fs";
import type { PythonFacts } from "../../config/conditions/facts.ts";
import { interpreter as configInterpreter } from "../../config/conditions/interpreter.ts";
import { BuildoutError, type Location, messageOf } from "../../errors/error.ts";

/** How each family of systems installs Python with pip, by the ID in os-release(5). */
const INSTALL: Record<string, string> = {
  debian: "apt-get install python3 python3-pip python3-venv",
  fedora: "dnf install python3 python3-pip",
  rhel: "dnf install python3 python3-pip",
  suse: "zypper install python3 python3-pip",
  alpine: "apk add python3 py3-pip",
  arch: "pacman -S python python-pip",
};

function osRelease(): string {
  for (const file of ["/etc/os-release", "/usr/lib/os-release"]) {
    try {
      return readFileSync(file, "utf8");
    } catch {
      // The other location, or a system without one.
    }
  }
  return "";
}

/** The command that installs Python and pip on this system, as a hint; undefined if unknown. */
export function installHint(text = osRelease()): string | undefined {
  if (process.platform === "darwin") return "Install it: brew install python";
  const value = (name: string) =>
    new RegExp(`^${name}=["']?(.*?)["']?\\s*$`, "m").exec(text)?.[1] ?? "";
  const family = [value("ID"), ...value("ID_LIKE").split(" ")].find((name) =>
    Object.hasOwn(INSTALL, name),
  );
  return family && `Install it: ${INSTALL[family]}`;
}

/** The error for a missing interpreter; `location` is where it is named. */
export function missingInterpreter(
  executable: string | undefined,
  location?: Location,
): BuildoutError {
  const hint = installHint();
  const message = executable
    ? `There is no Python interpreter at '${executable}'.`
    : "No Python interpreter was found on the PATH.";
  return new BuildoutError("interpreter-missing", message, {
    ...(location && { location }),
    ...(hint && { hint }),
  });
}

/** An interpreter for which distributions are installed. */
export interface Interpreter {
  executable: string;
  /** Variables of environment markers. */
  facts(): PythonFacts;
  /** `3.11`, as in the names of eggs. */
  version: string;
  /** `linux-x86_64`, as in the names of eggs. */
  platform: string;
  /** Its module search path: absolute directories. */
  searchPath: readonly string[];
}

const MAC_VERSION = "/System/Library/CoreServices/SystemVersion.plist";

/** The platform as in setuptools' `get_supported_platform`. */
function platformName({ platform, machine }: PythonFacts): string {
  if (platform !== "darwin") return `${platform}-${machine}`;
  const text = readFileSync(MAC_VERSION, "utf8");
  const version = /ProductVersion<\/key>\s*<string>(\d+(?:\.\d+)?)/.exec(text)?.[1] ?? "";
  return `macosx-${version.includes(".") ? version : `${version}.0`}-${machine}`;
}

/** Throws `interpreter-missing`, `interpreter-broken`. */
export function readInterpreter(executable: string, directory: string): Interpreter {
  try {
    accessSync(executable, constants.X_OK);
    if (!statSync(executable).isFile()) throw missingInterpreter(executable);
  } catch (error) {
    if (error instanceof BuildoutError) throw error;
    throw missingInterpreter(executable);
  }
  const facts = configInterpreter(executable, process.env, directory).facts();
  let version: PythonFacts["versionInfo"];
  try {
    version = facts.versionInfo;
  } catch (error) {
    // A program other than Python may quote the whole command.
    const reason = messageOf(error).replace(/^(.{200}).+$/s, "$1...");
    throw new BuildoutError(
      "interpreter-broken",
      `'${executable}' doesn't work as a Python interpreter: ${reason}`,
      { cause: error },
    );
  }
  const [major, minor] = version;
  return {
    executable,
    facts: () => facts,
    version: `${major}.${minor}`,
    platform: platformName(facts),
    searchPath: facts.searchPath,
  };
}

/** Whether an egg for the given platform runs on this one. */
export function isCompatible(platform: string | undefined, own: string): boolean {
  if (platform === undefined || platform === own) return true;
  const [mine, other] = [own, platform].map((name) => /^macosx-[\d.]+-(.*)$/.exec(name)?.[1]);
  return mine !== undefined && mine === other;
}
