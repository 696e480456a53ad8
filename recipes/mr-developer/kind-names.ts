/** The supported kinds of repositories. */
export const SUPPORTED_KINDS = ["git", "hg", "svn", "fs"] as const;

/** All kinds allowed in a source; those that only the Python original supports are rejected on use. */
export const KINDS: readonly string[] = [...SUPPORTED_KINDS, "bzr", "cvs", "darcs", "gitsvn"];

export function isKnownKind(kind: string): boolean {
  return KINDS.includes(kind);
}
