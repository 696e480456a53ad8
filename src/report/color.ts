/** Whether to use colors on a stream: it is a terminal, and NO_COLOR (no-color.org) is not set. */
export function useColor(
  stream: { isTTY?: boolean },
  env: Record<string, string | undefined>,
): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39] } as const;

export type Paint = (text: string, color: keyof typeof CODES) => string;

/** Colors a text, or returns it unchanged. */
export function painter(color: boolean): Paint {
  if (!color) return (text) => text;
  return (text, name) => `\x1b[${CODES[name][0]}m${text}\x1b[${CODES[name][1]}m`;
}
