/**
 * Whether a file was not found because its name is not UTF-8: Node replaces invalid bytes by U+FFFD, and no
 * file has the resulting name.
 */
export function isNotUtf8(path: string, error: unknown): boolean {
  return path.includes("\uFFFD") && (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}
