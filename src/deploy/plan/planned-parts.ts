import type { EngineEvent, PlannedPart } from "../../events/engine.ts";
import { isSecretName, withoutSecrets } from "./hide-options.ts";

/** The engine's plan for the parts, or why there is none. */
export type PartsAnswer =
  /** `fromRecord`: recipes were not asked. */
  { parts: PlannedPart[]; fromRecord?: boolean } | { unknown: string };

const ACTIONS = new Set(["install", "reinstall", "update", "uninstall"]);

/** Reads the events of `install --plan --json`. They come from a host, which could print anything. */
export function partsAnswer(lines: readonly string[], complaint: string): PartsAnswer {
  let error = "";
  for (const line of lines) {
    const event = parseEvent(line);
    if (event?.type === "plan" && Array.isArray(event.parts)) {
      return { parts: event.parts.filter(isPart).map(withoutHidden) };
    }
    if (event?.type === "error") error = String(event.message);
  }
  const [first = "it said nothing"] = complaint.trim().split("\n").slice(-1);
  return { unknown: error || first };
}

function parseEvent(line: string): Partial<EngineEvent & { type: "plan" | "error" }> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isPart(part: unknown): part is PlannedPart {
  if (typeof part !== "object" || part === null) return false;
  const { action, part: name, recipe } = part as PlannedPart;
  return ACTIONS.has(action) && typeof name === "string" && typeof recipe === "string";
}

/** Hides passwords and the like. A secret is recorded as a keyed hash between asterisks. */
export function withoutHidden(part: PlannedPart): PlannedPart {
  if (part.changes === undefined) return part;
  const changes = part.changes.map(({ option, before, now }) => {
    const shown = (value: string) =>
      isSecretName(option)
        ? "***"
        : withoutSecrets(value.replace(/\*{3}[0-9a-f]{32}\*{3}/g, "***"));
    return {
      option,
      ...(before !== undefined && { before: shown(before) }),
      ...(now !== undefined && { now: shown(now) }),
    };
  });
  return { ...part, changes };
}
