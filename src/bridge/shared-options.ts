import type { Section } from "../config/resolve/section.ts";

/** What the worker has done with options since its last message. */
export interface OptionUses {
  read: [section: string, option: string][];
  set: [section: string, option: string, value: string][];
}

/** Section -> its options, in order; the value is null if the worker has to ask for it. */
export type SectionOptions = Record<string, [option: string, value: string | null][]>;

/**
 * Keeps the options of sections the same here and in the worker: recipes read hundreds of them, and a question
 * for each took a third of a short run. Only the engine knows all rules, so it sends finished values, and the
 * worker reports which of them were used.
 */
export class SharedOptions {
  private readonly told = new Map<string, { section: Section; version: number }>();
  private readonly given: (text: string) => void;

  /** `given` is called with each value that the running code has received. */
  constructor(given: (text: string) => void) {
    this.given = given;
  }

  /** From now on, the worker knows this section. */
  share(section: Section): void {
    if (this.told.has(section.name)) return;
    this.told.set(section.name, { section, version: -1 });
  }

  /** The sections that the worker does not know in their current state; undefined if none. */
  changes(): SectionOptions | undefined {
    let changed: SectionOptions | undefined;
    for (const [name, one] of this.told) {
      const { section } = one;
      if (section.version === one.version) continue;
      one.version = section.version;
      changed ??= {};
      changed[name] = section.keys().map((option) => [option, section.finished(option) ?? null]);
    }
    return changed;
  }

  /** Applies what the worker has done. */
  accept({ read, set }: OptionUses): void {
    for (const [name, option] of read) {
      const value = this.told.get(name)?.section.plain(option);
      if (value !== undefined) this.given(value);
    }
    for (const [name, option, value] of set) {
      const one = this.told.get(name);
      if (one === undefined) continue;
      const isKnown = one.section.version === one.version;
      one.section.set(option, value);
      if (isKnown) one.version = one.section.version;
    }
  }
}
