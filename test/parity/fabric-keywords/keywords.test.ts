import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** Debian's own interpreter, which has Debian's python3-fabric, python3-invoke and python3-paramiko. */
const PYTHON = "/usr/bin/python3";
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const SCRIPT = beside("keywords.py");

/** Module -> function -> parameters after `self`. */
type Signatures = Record<string, Record<string, string[]>>;
type Generation = "fabric-1" | "fabric-2";

/** As keywords.py explains them. */
const verdicts: Record<Generation, Record<string, "absent" | Record<string, string>>> = JSON.parse(
  readFileSync(beside("verdicts.json"), "utf8"),
);
/** Of Fabric 1.14; `PARITY_FABRIC1=DIRECTORY` compares the list with Fabric itself. */
const fabric1: Signatures = JSON.parse(readFileSync(beside("fabric-1.json"), "utf8"));

const missing =
  spawnSync(PYTHON, ["-c", "import fabric, invoke, paramiko"]).status === 0
    ? ""
    : "Fabric is not installed (apt-get install python3-fabric)";
if (missing !== "" && process.env.CI) throw new Error(`In CI nothing may be skipped: ${missing}`);

function signatures(modules: readonly string[], path?: string): Signatures {
  const text = execFileSync(PYTHON, ["-W", "ignore", SCRIPT, "theirs", ...modules], {
    encoding: "utf8",
    env: { ...process.env, ...(path !== undefined && { PYTHONPATH: path }) },
  });
  return JSON.parse(text) as Signatures;
}

/** Parameters of the original without a verdict, and verdicts on parameters that it lacks. */
function gaps(original: Signatures, generation: Generation): string[] {
  return Object.entries(original).flatMap(([module, functions]) => {
    const judged = verdicts[generation][module];
    if (judged === undefined) return [`${module}: no verdict`];
    if (judged === "absent") return [];
    const whole = new Set(Object.keys(judged).filter((name) => judged[name] === "refused"));
    const known = new Set(Object.keys(functions));
    return [
      ...Object.entries(functions).flatMap(([name, parameters]) => {
        if (whole.has(name) || whole.has(name.split(".")[0]!)) return [];
        const verdict = judged[name];
        if (verdict === undefined) return [`${module}.${name}: no verdict`];
        if (verdict === "absent") return [];
        const words = verdict.split(" ").filter((word) => word !== "");
        const names = words.map((word) => /^[!~]?([^=]*)/.exec(word)![1]!);
        return names.join() === parameters.join()
          ? []
          : [`${module}.${name}: ${parameters} has ${names}`];
      }),
      ...Object.keys(judged)
        .filter((name) => !known.has(name) && !whole.has(name))
        .map((name) => `${module}.${name}: the original has none`),
    ];
  });
}

/** Where our functions contradict their verdicts. */
const wrong = (generation: Generation) =>
  execFileSync(PYTHON, [SCRIPT, "ours"], {
    encoding: "utf8",
    input: JSON.stringify(verdicts[generation]),
  }).trim();

describe("each parameter is honored, or refused by name", () => {
  test("of Fabric 1", () => {
    expect(gaps(fabric1, "fabric-1")).toEqual([]);
    expect(wrong("fabric-1")).toBe("");
    expect(Object.keys(verdicts["fabric-1"]).sort()).toEqual(Object.keys(fabric1).sort());
  });

  test.skipIf(missing !== "")("of Fabric 2, Invoke and paramiko's SFTPClient", () => {
    const original = signatures(Object.keys(verdicts["fabric-2"]));
    expect(gaps(original, "fabric-2")).toEqual([]);
    expect(wrong("fabric-2")).toBe("");
  });

  const original = process.env.PARITY_FABRIC1;
  if (original !== undefined) {
    test("the list is that of Fabric 1.14", () => {
      expect(signatures(Object.keys(fabric1), original)).toEqual(fabric1);
    });
  }
});
