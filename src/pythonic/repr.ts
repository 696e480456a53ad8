/** A text as Python's `repr` shows it: zc.buildout's messages quote names and paths this way. */
export function repr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\\n\r\t'"]|[\0-\x1f\x7f]/g, (found) => {
    if (found === "\n") return "\\n";
    if (found === "\r") return "\\r";
    if (found === "\t") return "\\t";
    if (found === "\\" || found === quote) return `\\${found}`;
    if (found === "'" || found === '"') return found;
    return `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return quote + body + quote;
}
