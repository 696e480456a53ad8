import type { HiddenValues } from "../../buildout/secrets/hidden-values.ts";
import type { HostoutEvent } from "../../events/deployment.ts";
import type { Reporter } from "../../events/reporter.ts";

/** Passes events on with secrets replaced by `***`. */
export function hidingReporter(
  report: Reporter<HostoutEvent>,
  hidden: HiddenValues,
): Reporter<HostoutEvent> {
  return (event) => report(hidden.isEmpty ? event : (withoutValues(event, hidden) as HostoutEvent));
}

/** A value with all secrets in it replaced by `***`. */
export function withoutValues(value: unknown, hidden: HiddenValues): unknown {
  if (typeof value === "string") return hidden.hide(value);
  if (Array.isArray(value)) return value.map((one) => withoutValues(one, hidden));
  if (typeof value !== "object" || value === null) return value;
  // Commands may return instances of any class, which define their own display.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, withoutValues(one, hidden)]),
  );
}
