/** Times and numbers in words. */
export function ago(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${counted(minutes, "minute")} ago`;
  if (minutes < 48 * 60) return `${counted(Math.floor(minutes / 60), "hour")} ago`;
  return `${counted(Math.floor(minutes / (24 * 60)), "day")} ago`;
}

export function counted(count: number, what: string): string {
  const end = /s$/.test(what) ? "es" : "s";
  return `${count} ${what}${count === 1 ? "" : end}`;
}
