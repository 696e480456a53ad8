/**
 * The effective sections of an `.installed.cfg`: the original appends to it, and later lines win. A value with
 * several lines contains them as written.
 */
export function recordSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let options = new Map<string, string>();
  let option = "";
  for (const line of text.split("\n")) {
    const header = /^\[(.*)\]$/.exec(line)?.[1];
    const [, name, value] = /^([^\s=]+) = ?(.*)$/.exec(line) ?? [];
    if (header !== undefined) {
      options = sections.get(header) ?? new Map();
      sections.set(header, options);
    } else if (name !== undefined) {
      option = name;
      options.set(name, value!);
    } else if (line) {
      options.set(option, `${options.get(option)}\n${line}`);
    }
  }
  return sections;
}
