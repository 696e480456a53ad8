import { changedLines } from "../deploy/plan/unified-diff.ts";
import type { EngineEvent, OptionChange, PlannedPart } from "../events/engine.ts";

type Plan = Omit<EngineEvent & { type: "plan" }, "type">;

const SIGNS = { install: "+", reinstall: "~", uninstall: "-", update: "=" } as const;
const INDENT = " ".repeat(12);

/** A plan as text: what is added (+), changed (~), removed (-) or kept (=), with counts. */
export function planText(plan: Plan): string {
  const { parts, develop } = plan;
  const changing = parts.filter(({ action }) => action !== "update");
  const staying = parts.filter(({ action }) => action === "update").map(({ part }) => part);
  const lines = [
    ...changing.flatMap(partLines),
    ...(staying.length > 0 ? [`= ${staying.join(", ")}`] : []),
  ];
  const links = [
    ...develop.added.map((link) => `+ ${link}`),
    ...develop.removed.map((link) => `- ${link}`),
    ...develop.asked.map((folder) => `? ${folder} (its name is known once it is built)`),
  ];
  return [...block("Parts", lines), ...block("Develop", links), summary(plan)].join("\n");
}

function block(title: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? title : "").padEnd(8)}  ${line}`);
}

export function partLines({ action, part, recipe, changes = [], ...why }: PlannedPart): string[] {
  const reasons = [
    ...changes.map(changeText),
    ...(why.recipeChanged ? ["the recipe has changed"] : []),
    ...(why.missing ?? []).map((path) => `missing: ${path}`),
    ...(why.unknown === undefined ? [] : [`options not known yet: ${why.unknown}`]),
  ];
  return [`${SIGNS[action]} ${part} (${recipe})`, ...reasons.map((reason) => `    ${reason}`)];
}

/** One line if the values are short, else the differing lines. */
function changeText({ option, before, now }: OptionChange): string {
  const isShort = [before, now].every((value = "") => value.length < 30 && !value.includes("\n"));
  if (isShort && before !== undefined && now !== undefined) return `${option}: ${before} -> ${now}`;
  if (before === undefined && isShort) return `${option}: new, ${now}`;
  if (now === undefined) return `${option}: gone`;
  const lines = changedLines(before ?? "", now).map((line) => `${INDENT}${line}`);
  return [`${option}:`, ...lines].join("\n");
}

function summary({ parts, develop }: Plan): string {
  const of = (action: PlannedPart["action"]) =>
    parts.filter((part) => part.action === action).length;
  const counts = [
    ...counted("Parts", {
      install: of("install"),
      reinstall: of("reinstall"),
      uninstall: of("uninstall"),
    }),
    ...counted("Develop links", { make: develop.added.length, remove: develop.removed.length }),
    ...counted("Develop packages", { build: develop.asked.length }),
    "Nothing was changed.",
  ];
  return counts.length === 1 ? `Nothing to do. ${counts[0]}` : counts.join(" ");
}

function counted(what: string, counts: Readonly<Record<string, number>>): string[] {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  if (some.length === 0) return [];
  return [`${what}: ${some.map(([verb, count]) => `${count} to ${verb}`).join(", ")}.`];
}
