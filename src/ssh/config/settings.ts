import type { Location } from "../../errors/error.ts";
import type { Keyword } from "./keywords.ts";

/** What one keyword was set to, and where. */
export interface Setting {
  keyword: Keyword;
  /** The arguments; a `rest` is one text. */
  values: string[];
  location: Location;
}

/** The settings that count for one host: the first of each keyword, all of those that repeat. */
export class Settings {
  readonly #settings = new Map<string, Setting[]>();

  add(setting: Setting): void {
    const name = setting.keyword.name.toLowerCase();
    const before = this.#settings.get(name) ?? [];
    // For ssh, a time of 'none' is none yet.
    const isOpen = setting.keyword.shape.kind === "time" && before[0]?.values[0] === "none";
    if (isOpen) this.replace(setting);
    if (isOpen || (before.length > 0 && setting.keyword.repeats !== true)) return;
    // A second reading of the files finds the same lines again.
    const isSame = ({ values }: Setting) => values.join("\n") === setting.values.join("\n");
    if (before.some(isSame)) return;
    this.#settings.set(name, [...before, setting]);
  }

  replace(setting: Setting): void {
    this.#settings.set(setting.keyword.name.toLowerCase(), [setting]);
  }

  /** The setting of a keyword, the first one where it repeats. */
  setting(name: string): Setting | undefined {
    return this.#settings.get(name.toLowerCase())?.[0];
  }

  /** The first value. */
  one(name: string): string | undefined {
    return this.setting(name)?.values[0];
  }

  /** All values; undefined where the keyword is not set. */
  many(name: string): string[] | undefined {
    return this.#settings.get(name.toLowerCase())?.flatMap(({ values }) => values);
  }

  all(): Setting[] {
    return [...this.#settings.values()].flat();
  }
}
