/** Changed environment variables: name -> value, or null if removed. */
export type EnvironmentChanges = Record<string, string | null>;

/** Keeps `process.env` and the environment of a worker in sync. */
export class SharedEnvironment {
  private readonly known = new Map<string, string>();

  constructor() {
    this.changes();
  }

  /** Changes here since the last time; undefined if none. */
  changes(): EnvironmentChanges | undefined {
    const changed: EnvironmentChanges = {};
    for (const [name, value] of Object.entries(process.env)) {
      if (value === undefined || this.known.get(name) === value) continue;
      this.known.set(name, value);
      changed[name] = value;
    }
    for (const name of this.known.keys()) {
      if (process.env[name] !== undefined) continue;
      this.known.delete(name);
      changed[name] = null;
    }
    return Object.keys(changed).length === 0 ? undefined : changed;
  }

  /** Applies the worker's changes. */
  accept(changed: EnvironmentChanges): void {
    for (const [name, value] of Object.entries(changed)) {
      if (value === null) {
        delete process.env[name];
        this.known.delete(name);
      } else {
        process.env[name] = value;
        this.known.set(name, value);
      }
    }
  }
}
