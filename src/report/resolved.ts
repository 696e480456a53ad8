import type { ErrorData } from "../events/error-data.ts";

/** The options of a section, or its error. */
export type Resolved = ReadonlyMap<string, string> | { error: ErrorData };

// Built from entries, since `__proto__` is a valid option name.
function toObject(entries: Iterable<readonly [string, unknown]>): object {
  return Object.fromEntries(entries);
}

/** Sections as an object, each with its options or its error. */
export function resolvedJson(results: ReadonlyMap<string, Resolved>): string {
  const sections = [...results].map(
    ([name, result]) => [name, "error" in result ? result : toObject(result)] as const,
  );
  return JSON.stringify(toObject(sections), undefined, 2);
}

function formatOption([option, value]: readonly [string, string]): string {
  if (!value.includes("\n")) return value === "" ? `${option} =` : `${option} = ${value}`;
  return `${option} =\n${value.replace(/^(?=.)/gm, "    ")}`;
}

/** Sections in cfg syntax; an error is a comment in place of the options. */
export function resolvedText(results: ReadonlyMap<string, Resolved>): string {
  return [...results]
    .map(([name, result]) => {
      if (!("error" in result)) return [`[${name}]`, ...[...result].map(formatOption)].join("\n");
      const { message, file, line, hint } = result.error;
      const place = file === undefined ? [] : [line === undefined ? file : `${file}:${line}`];
      const lines = [...`Error: ${message}`.trimEnd().split("\n"), ...place, hint ?? ""];
      return [`[${name}]`, ...lines.filter(Boolean).map((text) => `# ${text}`)].join("\n");
    })
    .join("\n\n");
}
