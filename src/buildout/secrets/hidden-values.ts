/** Values that no output may contain. */
export class HiddenValues {
  private readonly values = new Set<string>();
  /** The forms in which output can contain a value, the longest first. */
  private forms: string[] = [];

  add(value: string): void {
    if (this.values.has(value)) return;
    this.values.add(value);
    this.forms = [...this.values].flatMap(formsOf).sort((a, b) => b.length - a.length);
  }

  get isEmpty(): boolean {
    return this.values.size === 0;
  }

  isIn(text: string): boolean {
    return [...this.values].some((value) => text.includes(value));
  }

  /** The text with each value replaced by `***`. */
  hide(text: string): string {
    return replaceAll(text, this.forms, () => "***");
  }

  /** The text with each value replaced by something else. */
  replaced(text: string, by: (value: string) => string): string {
    const longestFirst = [...this.values].sort((a, b) => b.length - a.length);
    return replaceAll(text, longestFirst, by);
  }
}

function replaceAll(
  text: string,
  values: readonly string[],
  by: (value: string) => string,
): string {
  return values.reduce((rest, value) => {
    return rest.includes(value) ? rest.replaceAll(value, () => by(value)) : rest;
  }, text);
}

/** How a value can appear in output: as is, in JSON, in a URL, line by line. */
function formsOf(value: string): string[] {
  const lines = value.split("\n").filter((line) => line.length >= 8);
  const quoted = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, quoted, encodeURIComponent(value), ...lines])];
}
