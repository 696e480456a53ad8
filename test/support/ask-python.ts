import { execFileSync } from "node:child_process";

/**
 * The value of a Python expression for each input, which it sees as `it`: what our own functions
 * are compared with. `head` comes before it, such as imports.
 */
export function askPython(expression: string, inputs: readonly unknown[], head = ""): unknown[] {
  const program = `import json, sys\n${head}\nprint(json.dumps([${expression} for it in json.load(sys.stdin)]))`;
  const output = execFileSync("python3", ["-c", program], {
    input: JSON.stringify(inputs),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return JSON.parse(output);
}
