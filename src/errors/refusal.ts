/** Node refuses these words itself: no path and no argument of a program can hold them. */
const NULL_CHARACTER = /without null bytes\. Received (.*)$/s;

/**
 * Why the operating system says no: a full disk, a missing permission, a path that cannot be. No
 * defect. Undefined for anything else that was thrown.
 */
export function refusal(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error && "code" in thrown)) return undefined;
  if ("syscall" in thrown) return thrown.message;
  const [, received] = NULL_CHARACTER.exec(thrown.message) ?? [];
  if (received === undefined || thrown.code !== "ERR_INVALID_ARG_VALUE") return undefined;
  return `No path and no argument of a program can hold a null character: ${received}`;
}
