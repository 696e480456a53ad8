/**
 * Whether `actual` matches `expected`: `...` stands for anything, including several lines, and a run of blanks
 * for any other. Empty lines do not count.
 */
export function matches(expected: string, actual: string): boolean {
  const pattern = tidy(expected)
    .split("...")
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    // `...` may stand for nothing, in which case its own line end is missing, too.
    .map((text, index) => (index === 0 ? text : text.replace(/^\n/, "(?:\\n|$|(?<=\\n)|^)")))
    .join("[^]*");
  return new RegExp(`^${pattern}$`).test(tidy(actual));
}

function tidy(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/[ \t]+/g, " ").trimEnd());
  return lines.filter((line) => line.trim() !== "").join("\n");
}
