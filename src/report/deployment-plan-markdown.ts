import type { HostPlan } from "../events/deployment-plan.ts";
import {
  commandLines,
  fileText,
  header,
  hostLines,
  overrideText,
  packageText,
  partRows,
  type ShownDiff,
  summaryText,
  versionText,
} from "./deployment-plan-text.ts";

/** A plan for a comment on a pull request. */
export function deploymentPlanMarkdown(
  host: string,
  plan: HostPlan,
  { diff, now }: { diff: ShownDiff; now: Date },
): string {
  const { packages, versions, files, parts, overrides, notes } = plan;
  const lists = [
    list("Host", hostLines(plan)),
    list("Packages", packages.map(packageText)),
    list("Versions", versions.map(versionText)),
    list(
      "Files",
      files.map((file) => fileText(file, diff)),
    ),
    ...(diff === "full" ? files.flatMap(({ path, diff: text }) => details(path, text)) : []),
    list("Parts", partRows(parts)),
    list("Commands", commandLines(plan.steps)),
    list("Overrides", overrides.map(overrideText)),
    list("Notes", notes),
  ];
  const blocks = [`## ${host}`, header(plan, now), ...lists.flat(), `**${summaryText(plan)}**`];
  return `${blocks.join("\n\n")}\n`;
}

/** Rows of the text as lines of code, in which Markdown is not interpreted. */
function list(title: string, rows: readonly string[]): string[] {
  return rows.length === 0 ? [] : [`### ${title}`, fenced(rows.join("\n"), "diff")];
}

function details(path: string, diff: string | undefined): string[] {
  if (diff === undefined) return [];
  const name = path.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return [`<details><summary>${name}</summary>`, fenced(diff, "diff"), "</details>"];
}

/** A fence longer than any in the text. */
function fenced(text: string, language: string): string {
  const ticks = [...text.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(3, ...ticks.map((count) => count + 1)));
  return `${fence}${language}\n${text}\n${fence}`;
}
