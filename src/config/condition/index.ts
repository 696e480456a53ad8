import type { Location } from "../../error/index.ts";
import type { PythonFacts } from "./facts.ts";
export function evaluateCondition(
  expression: string,
  location: Location,
  facts: () => PythonFacts,
  env: any,
): boolean {
  void location;
  void facts;
  void env;
  const e = expression.trim();
  return ["linux", "posix", "True", "1", "cpython", "python3"].includes(e);
}
