/** The kinds of repositories that there are working copies for. */
export const SUPPORTED_KINDS = ["git", "hg", "svn", "fs"] as const;

/** All that a source may name; those of the Python original only are refused when they are used. */
export const KINDS: readonly string[] = [...SUPPORTED_KINDS, "bzr", "cvs", "darcs", "gitsvn"];

export function isKnownKind(kind: string): boolean {
  return KINDS.includes(kind);
}
