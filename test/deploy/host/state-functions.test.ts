import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import stateFunctions from "../../../src/deploy/host/programs/state-functions.sh?raw";

describe.each([["dash"], ["bash"], ["busybox", "sh"]])("in %s", (shell, ...words) => {
  const run = (program: string, input: string) =>
    spawnSync(shell, [...words, "-c", `${stateFunctions}\n${program}`], {
      input,
      encoding: "utf8",
    });

  const odd = ["a b", "-n", "'", '"$x', "back\\slash", "\\n", "*", " led", "trailed "];
  test.each([0, 1, 9, 39, 40, 41, 100])("%i lines become arguments", (count) => {
    const lines = Array.from({ length: count }, (_, i) => `${odd[i % odd.length]}${i}`);
    const { stdout, stderr } = run(
      `apply p/ sh -c 'printf "<%s>\\n" "$@"' own "with own"`,
      lines.map((line) => `${line}\n`).join(""),
    );
    expect(stderr).toBe("");
    const passed = ["with own", ...lines.map((line) => `p/${line}`)];
    expect(stdout).toBe(count === 0 ? "" : passed.map((line) => `<${line}>\n`).join(""));
  });

  test.each([1, 100])("a command that fails with %i lines ends the program", (count) => {
    expect(run("set -e; each false; echo on", "a\n".repeat(count)).stdout).toBe("");
    expect(run("set -e; each true; echo on", "a\n".repeat(count)).stdout).toBe("on\n");
  });
});
