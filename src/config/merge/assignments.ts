import { compareText } from "../../pythonic/text.ts";
import { noSections, type Sections } from "./merge.ts";
import { COMMAND_LINE_VALUE, setOption } from "./option.ts";

/** `section:option=value` of the command line; the option keeps its operator (`option+`). */
export interface Assignment {
  section: string;
  option: string;
  value: string;
}

/** Assignments as sections. They are sorted first: of two values for one option, the greater wins. */
export function assignedSections(assignments: readonly Assignment[]): Sections {
  const sorted = [...assignments].sort(
    (a, b) =>
      compareText(a.section, b.section) ||
      compareText(a.option, b.option) ||
      compareText(a.value, b.value),
  );
  const sections = noSections();
  for (const { section, option, value } of sorted) {
    let options = sections.get(section);
    if (options === undefined) {
      options = new Map();
      sections.set(section, options);
    }
    options.set(option, setOption(value, { source: COMMAND_LINE_VALUE }));
  }
  return sections;
}
