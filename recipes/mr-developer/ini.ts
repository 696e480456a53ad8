import { BuildoutError } from "../../src/index.ts";

/** section -> option -> value, in the order of the file. */
export type IniSections = Map<string, Map<string, string>>;

/**
 * Reads the syntax of Python's RawConfigParser (Library Reference, configparser), with case-sensitive
 * option names: a line indented deeper than its option continues the value. If an option is set twice, the
 * later one counts. Throws `invalid-file` with file and line.
 */
export function parseIni(text: string, file: string): IniSections {
  const sections: IniSections = new Map();
  let section: Map<string, string> | undefined;
  let option: string | undefined;
  let depth = 0;
  const fail = (index: number, message: string) =>
    new BuildoutError("invalid-file", message, { location: { file, line: index + 1 } });
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (/^[#;]/.test(content)) continue;
    const indent = line.length - line.trimStart().length;
    if (section && option !== undefined && (content === "" || indent > depth)) {
      section.set(option, `${section.get(option)}\n${content}`);
      continue;
    }
    if (content === "") continue;
    const header = /^\[(.+)\]/.exec(content)?.[1];
    if (header !== undefined) {
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
      option = undefined;
      continue;
    }
    const [, name, value] = /^(.*?)\s*[=:]\s*(.*)$/.exec(content) ?? [];
    if (!section) throw fail(index, "There is a line before the first section.");
    if (!name) throw fail(index, "The line is neither a section nor an option.");
    section.set(name, value ?? "");
    option = name;
    depth = indent;
  }
  for (const options of sections.values()) {
    for (const [name, value] of options) options.set(name, value.trimEnd());
  }
  return sections;
}

/** The sections in the format of RawConfigParser. */
export function formatIni(sections: IniSections): string {
  return [...sections]
    .map(([name, options]) => {
      const lines = [...options].map(
        ([option, value]) => `${option} = ${value.replaceAll("\n", "\n\t")}\n`,
      );
      return `[${name}]\n${lines.join("")}\n`;
    })
    .join("");
}
