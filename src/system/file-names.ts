/**
 * Whether a file was not found because its name is not UTF-8: Node shows what cannot be read of a
 * name as U+FFFD, and no file has the name that it shows.
 */
export function isNotUtf8(path: string, error: unknown): boolean {
  return path.includes("\uFFFD") && (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}
