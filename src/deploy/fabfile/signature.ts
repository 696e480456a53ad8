import { type TaskFunction, taskInfo } from "./task.ts";

/**
 * The usage of a fabfile's function, in the form of `CommandDefinition.arguments`. Read from its source, in
 * which TypeScript's optional marks are gone, so no parameter counts as required.
 */
export function signature(fn: TaskFunction): string {
  const parameters = parametersOf(String(taskInfo(fn).original ?? fn));
  if (parameters === undefined) return "[argument...]";
  if (parameters.length === 0) return "none";
  return parameters.map(usageOf).join(" ");
}

function usageOf(parameter: string, index: number): string {
  const [, rest, name] = /^(\.\.\.)?\s*([\w$]+)?/.exec(parameter) ?? [];
  return `[${name ?? `argument${index + 1}`}${rest === undefined ? "" : "..."}]`;
}

/** The parameters in a function's source; undefined for native code. */
function parametersOf(source: string): string[] | undefined {
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) return undefined;
  const single = /^\s*(?:async\s+)?([\w$]+)\s*=>/.exec(source);
  if (single) return [single[1]!];
  const begin = source.indexOf("(");
  if (begin < 0) return undefined;
  const found: string[] = [];
  let depth = 0;
  let current = "";
  for (const part of source.slice(begin).match(TOKEN) ?? []) {
    if (part.startsWith("//") || part.startsWith("/*")) continue;
    const closes = ")]}".includes(part);
    if (closes) depth--;
    if (depth === 0 && part !== "(") break;
    if (depth === 1 && part === ",") {
      found.push(current.trim());
      current = "";
    } else if (depth > 0) current += part;
    if ("([{".includes(part)) depth++;
  }
  return [...found, current.trim()].filter((parameter) => parameter !== "");
}

/** Whole comments and strings, then brackets and commas, then everything else. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`|[()[\]{},]|[^()[\]{},"'`/]+|\//g;
