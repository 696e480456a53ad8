/** `fnmatch.fnmatchcase` of Python: `*` and `?` match slashes, too. */
export function fnmatch(name: string, pattern: string): boolean {
  const source = pattern.replace(
    /\*+|\?|\[(?:!|(?!!))(?:\][^\]]*|[^\]]+)\]|[\\^$.+()[\]{}|]/g,
    (piece) => {
      if (piece.startsWith("*")) return "[^]*";
      if (piece === "?") return "[^]";
      if (piece.length === 1) return `\\${piece}`;
      const members = piece.slice(1, -1).replace(/[\\^[\]]/g, "\\$&");
      return `[${members.replace(/^!/, "^")}]`;
    },
  );
  try {
    return new RegExp(`^${source}$`, "u").test(name);
  } catch {
    return false; // `[z-a]` matches nothing.
  }
}
