import { execFileSync } from "node:child_process";

/**
 * The value of a Python expression for each input, which is `it` in the expression, to compare our own
 * functions with. `head` is code that runs first, such as imports.
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
