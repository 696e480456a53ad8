import type { Interpreter } from "./interpreter.ts";

/** The minor version of Python 3 in a tag such as `cp311` or `py38`; undefined for others. */
function minorOf(tag: string): number | undefined {
  const digits = /^(?:cp|py)3(\d*)$/.exec(tag)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether the platform is this one; undefined if only pip can tell. */
function isPlatform(tag: string, interpreter: Interpreter): boolean | undefined {
  const { platform, machine, libc, maxSize } = interpreter.facts();
  if (/^(win|macosx)/.test(tag) && platform === "linux") return false;
  if (platform !== "linux" || maxSize < 2n ** 32n) return undefined;
  if (tag === `linux_${machine}`) return true;
  const [, major, minor, architecture] = /^manylinux_(\d+)_(\d+)_(.+)$/.exec(tag) ?? [];
  if (architecture === undefined || libc[0] !== "glibc") return undefined;
  const [own = 0, ownMinor = 0] = libc[1].split(".").map(Number);
  const isOld = own === Number(major) && ownMinor >= Number(minor);
  return architecture === machine && isOld ? true : undefined;
}

/** Whether code for this Python and binary interface runs; undefined if only pip can tell. */
function isPython(python: string, abi: string, interpreter: Interpreter): boolean | undefined {
  const { implementation, abiTag, versionInfo } = interpreter.facts();
  const minor = minorOf(python);
  if (/^py2\d*$/.test(python) || /^cp2/.test(python)) return false;
  if (minor === undefined || implementation !== "CPython") return undefined;
  if (python.startsWith("py")) return abi === "none" ? minor <= versionInfo[1] : undefined;
  if (abi === "abi3") return minor <= versionInfo[1];
  if (minor !== versionInfo[1]) return false;
  return abi === abiTag || abi === "none" ? true : undefined;
}

/**
 * Whether a wheel with tags such as `py2.py3-none-any` (PEP 425) is for the interpreter; undefined if only
 * pip can tell.
 */
export function isWheelFor(tags: string, interpreter: Interpreter): boolean | undefined {
  const [pythons = "", abis = "", platforms = ""] = tags.split("-");
  const found = new Set<boolean | undefined>();
  for (const python of pythons.split(".")) {
    for (const abi of abis.split(".")) {
      const runs = isPython(python, abi, interpreter);
      for (const platform of platforms.split(".")) {
        if (platform === "any") found.add(abi === "none" ? runs : undefined);
        else {
          const fits = isPlatform(platform, interpreter);
          found.add(runs === false || fits === false ? false : runs && fits);
        }
      }
    }
  }
  return found.has(true) ? true : found.has(undefined) ? undefined : false;
}
