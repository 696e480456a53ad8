import type { EngineEvent, PlannedPart } from "../../events/engine.ts";
import { isSecretName, withoutSecrets } from "./hide-options.ts";

/** What the engine on a host says of parts, or why it says nothing. */
export type PartsAnswer =
  /** `fromRecord`: nobody has asked the recipes. */
  { parts: PlannedPart[]; fromRecord?: boolean } | { unknown: string };

const ACTIONS = new Set(["install", "reinstall", "update", "uninstall"]);

/** Reads the events of `install --plan --json`. They come from a host, which may print anything. */
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

/** Without the values of passwords and the like. A secret is remembered as a keyed hash between asterisks. */
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
