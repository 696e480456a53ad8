import type { Environment } from "../part/environment.ts";

/** Changes in `env` since the last exchange. */
export interface EnvironmentChanges {
  set: Record<string, unknown>;
  gone: string[];
}

/** The JSON of a value that survives the exchange; undefined for others, such as functions and instances. */
function plainJson(value: unknown): string | undefined {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return undefined;
  }
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** Keeps `api.env` and Python's `env` in sync, as far as JSON allows. */
export class SharedVariables {
  private readonly known = new Map<string, string>();

  /** Changes here since the last time; null: none. */
  changes(env: Environment): EnvironmentChanges | null {
    const set: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(env)) {
      const text = plainJson(value);
      if (text === undefined || this.known.get(name) === text) continue;
      this.known.set(name, text);
      set[name] = value;
    }
    const gone = [...this.known.keys()].filter((name) => !(name in env));
    for (const name of gone) this.known.delete(name);
    return Object.keys(set).length + gone.length === 0 ? null : { set, gone };
  }

  /** Applies changes from Python. */
  accept(env: Environment, changes: EnvironmentChanges | null): void {
    if (changes === null) return;
    for (const [name, value] of Object.entries(changes.set)) {
      env[name] = value;
      this.known.set(name, JSON.stringify(value));
    }
    for (const name of changes.gone) {
      delete env[name];
      this.known.delete(name);
    }
  }
}
