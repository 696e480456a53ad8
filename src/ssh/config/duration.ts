const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of `90`, `1m30`, `2h` and so on (sshd_config(5), TIME FORMATS); undefined for anything else. */
export function seconds(text: string): number | undefined {
  if (!/^(?:\d+[smhdw]?)+$/i.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)([smhdw]?)/gi)) {
    total += Number(number) * UNITS[(unit || "s").toLowerCase()]!;
  }
  return total > 0x7fffffff ? undefined : total;
}
