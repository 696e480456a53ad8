import { isAbsolute, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { Log, ReportingDescriptor, Result } from "sarif";
import type { Finding } from "../buildout/lint/finding.ts";
import { CODE_CHAPTERS } from "../errors/codes.ts";
import type { Location } from "../errors/error.ts";

/**
 * Findings of `lint` as GitHub workflow commands, one per line: the runner shows each finding at its line
 * of the file. `base` is the directory of the repository's files on GitHub.
 *
 * Source: GitHub Docs, "Workflow commands for GitHub Actions", setting an error message; the escapes are
 * those of actions/toolkit, `command.ts`.
 */
export function findingsGithub(findings: readonly Finding[], base: string): string {
  return findings
    .map(({ severity, code, message, location, hint }) => {
      const place =
        location === undefined || isUrl(location.file)
          ? {}
          : { file: belowBase(location.file, base), line: location.line };
      const properties = Object.entries({ ...place, title: code })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}=${escapedProperty(String(value))}`);
      const from = location !== undefined && isUrl(location.file) ? [at(location)] : [];
      const text = [message, ...from, ...(hint === undefined ? [] : [hint])].join("\n");
      return `::${severity} ${properties.join(",")}::${escapedData(text)}\n`;
    })
    .join("");
}

function at({ file, line }: Location): string {
  return `at ${line === undefined ? file : `${file}:${line}`}`;
}

function escapedData(text: string): string {
  return text.replace(/[%\r\n]/g, encodeURIComponent);
}

function escapedProperty(text: string): string {
  return text.replace(/[%\r\n:,]/g, encodeURIComponent);
}

function isUrl(file: string): boolean {
  return /^[a-z][a-z\d+.-]+:\/\//i.test(file);
}

/** Relative to `base` if the file is below it. */
function belowBase(file: string, base: string): string {
  const near = isAbsolute(file) ? relative(base, file) : file;
  return near === "" || near.startsWith("..") ? file : near;
}

interface SarifContext {
  base: string;
  /** Location of a finding without one: viewers omit findings without a location. */
  main: Location;
  /** Of this package. */
  version: string;
}

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/** The same as a log of SARIF 2.1.0 (OASIS), which code scanners and editors read. */
export function findingsSarif(findings: readonly Finding[], context: SarifContext): string {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const rules = codes.map(ruleOf);
  const results = findings.map(({ severity, code, message, location, hint }): Result => {
    const { file, line } = location ?? context.main;
    return {
      ruleId: code,
      ruleIndex: codes.indexOf(code),
      level: severity,
      message: { text: hint === undefined ? message : `${message}\n${hint}` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriOf(file, context.base) },
            ...(line !== undefined && { region: { startLine: line } }),
          },
        },
      ],
    };
  });
  const driver = { name: "buildout lint", version: context.version, rules };
  const log: Log = { $schema: SCHEMA, version: "2.1.0", runs: [{ tool: { driver }, results }] };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleOf(id: string): ReportingDescriptor {
  for (const chapter of CODE_CHAPTERS.values()) {
    const text = chapter[id];
    if (text === undefined) continue;
    return { id, shortDescription: { text: text.meaning }, help: { text: text.action } };
  }
  return { id };
}

/** A relative reference if the file is below `base`, as SARIF requires for files of a repository. */
function uriOf(file: string, base: string): string {
  if (isUrl(file)) return file;
  const near = belowBase(file, base);
  if (isAbsolute(near)) return pathToFileURL(near).href;
  return near.split("/").map(encodeURIComponent).join("/");
}
