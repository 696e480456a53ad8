import { readFileSync } from "node:fs";
import { BuildoutError, type Location } from "../../error/index.ts";

/** How each family of systems installs Python with pip, by the ID that os-release(5) gives. */
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
      // The other place, or a system that has none.
    }
  }
  return "";
}

/** The command that installs Python and pip on this system, as a hint; undefined where unknown. */
export function installHint(text = osRelease()): string | undefined {
  if (process.platform === "darwin") return "Install it: brew install python";
  const value = (name: string) =>
    new RegExp(`^${name}=["']?(.*?)["']?\\s*$`, "m").exec(text)?.[1] ?? "";
  const family = [value("ID"), ...value("ID_LIKE").split(" ")].find((name) =>
    Object.hasOwn(INSTALL, name),
  );
  return family && `Install it: ${INSTALL[family]}`;
}

/** The error for an interpreter that is not there; `location` is where it is named. */
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
