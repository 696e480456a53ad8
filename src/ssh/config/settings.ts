import type { Location } from "../../errors/error.ts";
import type { Keyword } from "./keywords.ts";

/** The value of a keyword and its location. */
export interface Setting {
  keyword: Keyword;
  /** The arguments; a `rest` is one string. */
  values: string[];
  location: Location;
}

/** The effective settings of one host: the first of each keyword, or all for repeatable ones. */
export class Settings {
  readonly #settings = new Map<string, Setting[]>();

  add(setting: Setting): void {
    const name = setting.keyword.name.toLowerCase();
    const before = this.#settings.get(name) ?? [];
    // In ssh, a time of 'none' counts as unset.
    const isOpen = setting.keyword.shape.kind === "time" && before[0]?.values[0] === "none";
    if (isOpen) this.replace(setting);
    if (isOpen || (before.length > 0 && setting.keyword.repeats !== true)) return;
    // The second pass finds the same lines again.
    const isSame = ({ values }: Setting) => values.join("\n") === setting.values.join("\n");
    if (before.some(isSame)) return;
    this.#settings.set(name, [...before, setting]);
  }

  replace(setting: Setting): void {
    this.#settings.set(setting.keyword.name.toLowerCase(), [setting]);
  }

  /** The setting of a keyword, or the first if it is repeatable. */
  setting(name: string): Setting | undefined {
    return this.#settings.get(name.toLowerCase())?.[0];
  }

  /** The first value. */
  one(name: string): string | undefined {
    return this.setting(name)?.values[0];
  }

  /** All values; undefined if the keyword is not set. */
  many(name: string): string[] | undefined {
    return this.#settings.get(name.toLowerCase())?.flatMap(({ values }) => values);
  }

  all(): Setting[] {
    return [...this.#settings.values()].flat();
  }
}
