import type { Finding } from "../buildout/lint/finding.ts";
import type { Paint } from "./color.ts";
import { shownFile, withLine } from "./error.ts";

function count(findings: readonly Finding[], severity: Finding["severity"]): string {
  const number = findings.filter((finding) => finding.severity === severity).length;
  return `${number} ${severity}${number === 1 ? "" : "s"}`;
}

/** Findings of `lint`, with locations relative to `directory`, and a summary. */
export function findingsText(
  findings: readonly Finding[],
  directory: string,
  paint: Paint,
): string {
  const files = new Map<string, string>();
  const fileOf = (file: string) => {
    const known = files.get(file) ?? shownFile(file, directory);
    files.set(file, known);
    return known;
  };
  const lines = findings.flatMap(({ severity, code, message, location, hint }) => {
    const place = location ? `${withLine(fileOf(location.file), location.line)}: ` : "";
    const label = paint(`${severity}:`, severity === "error" ? "red" : "yellow");
    const [first, ...rest] = `${message} (${code})`.split("\n");
    const more = [...rest, ...(hint?.split("\n") ?? [])].map((line) => `  ${line}`);
    return [`${place}${label} ${first}`, ...more];
  });
  const summary = findings.length === 0 ? "Nothing found." : counts(findings);
  return `${[...lines, summary].join("\n")}\n`;
}

function counts(findings: readonly Finding[]): string {
  return `${count(findings, "error")}, ${count(findings, "warning")}.`;
}

/** The same as `{"findings": [...]}`. */
export function findingsJson(findings: readonly Finding[]): string {
  const plain = findings.map(({ location, ...finding }) => ({ ...finding, ...location }));
  return `${JSON.stringify({ findings: plain }, undefined, 2)}\n`;
}
