import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOperator, parse } from "../../../src/config/syntax/parse.ts";
import { findRanges, type Range } from "../../../src/config/syntax/ranges.ts";

/** The text of a range, with its original line ends. */
function covered(text: string, { start, end }: Range): string {
  const body = text.replace(/^\ufeff/, "");
  const starts = [0];
  for (const { 0: ending, index } of body.matchAll(/\r\n?|\n/g)) starts.push(index + ending.length);
  const offset = ({ line, column }: Range["start"]) => starts[line]! + column;
  return body.slice(offset(start), offset(end));
}

/** Everything in a text, as `section/option operator value` and its references. */
function listed(text: string) {
  return findRanges(text, "/b.cfg").flatMap((section) =>
    section.options.map((option) => ({
      section: covered(text, section.nameRange),
      name: covered(text, option.nameRange),
      operator: option.operator,
      value: covered(text, option.valueRange),
      references: option.references.map(({ range }) => covered(text, range)),
    })),
  );
}

const one = (text: string) => listed(text)[0]!;

describe("the range", () => {
  it("of a section goes from its bracket to the end of its last option", () => {
    const text = "# first\n[a]  # note\nx = 1\n  2\n\n[b]\n";
    const [a, b] = findRanges(text, "/b.cfg");
    expect(a!.range).toEqual({
      file: "/b.cfg",
      start: { line: 1, column: 0 },
      end: { line: 3, column: 3 },
    });
    expect(covered(text, a!.headerRange)).toBe("[a]");
    expect(covered(text, b!.range)).toBe("[b]");
  });

  it("of a condition is the text between colon and bracket, brackets included", () => {
    const text = '[ a : sys_version[0] == "3" ] ; note\nx=1\n';
    const [a] = findRanges(text, "/b.cfg");
    expect(covered(text, a!.nameRange)).toBe("a");
    expect(covered(text, a!.conditionRange!)).toBe(' sys_version[0] == "3" ');
    expect(covered(text, a!.headerRange)).toBe('[ a : sys_version[0] == "3" ]');
    expect(covered(text, a!.options[0]!.range)).toBe("x=1");
  });

  it("of a value spans its continuation lines and comments between them, not its end", () => {
    expect(one("[a]\nx =\n  1 \n# c\n\t2  \n\n\n[b]\n").value).toBe("1 \n# c\n\t2");
    expect(one("[a]\nx = \t \n[b]\n").value).toBe("");
  });

  it("of a changed option leaves the operator out of the name", () => {
    expect(listed("[a]\nx += 1\ny-=2\nz = 3\n")).toEqual([
      { section: "a", name: "x", operator: "+=", value: "1", references: [] },
      { section: "a", name: "y", operator: "-=", value: "2", references: [] },
      { section: "a", name: "z", operator: "=", value: "3", references: [] },
    ]);
  });

  it("of a macro is the section on each line, of a dependency each word", () => {
    const text = "[a]\n<= base\n   other\n=> one  two\n";
    const [section] = findRanges(text, "/b.cfg");
    const [macros, dependencies] = section!.options;
    expect(macros!.references.map(({ section: name }) => name)).toEqual(["base", "other"]);
    expect(macros!.references.map(({ range }) => covered(text, range))).toEqual(["base", "other"]);
    expect(covered(text, dependencies!.nameRange)).toBe("=>");
    expect(dependencies!.references.map(({ range }) => covered(text, range))).toEqual([
      "one",
      "two",
    ]);
  });

  it("of a reference is found in continuation lines, and $$ escapes as in substitution", () => {
    const text = "[a]\nx = ${b:c}\n  # no comment ${:d}\n# a comment ${e:f}\n  $${g:h} $$${i:j}\n";
    expect(one(text).references).toEqual(["${b:c}", "${:d}", "${i:j}"]);
    const [, own] = findRanges(text, "/b.cfg")[0]!.options[0]!.references;
    expect(own).toMatchObject({ section: "", option: "d" });
    expect(own!.range.start).toEqual({ line: 2, column: 15 });
    expect(covered(text, own!.optionRange!)).toBe("d");
  });

  it("is right with every line end and without the last", () => {
    const lines = ["[a]", "x = ${b:c}", "  ${d:e}", "y = 1"];
    const found = ["\n", "\r\n", "\r"].map((end) => findRanges(lines.join(end), "/b.cfg"));
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
    expect(found[0]![0]!.range.end).toEqual({ line: 3, column: 5 });
  });

  it("counts a tab as one, a character beyond the basic plane as two, a BOM not at all", () => {
    const text = "\ufeff[ä]\nx =\t𝒳 ${b:ü}\n";
    const [section] = findRanges(text, "/b.cfg");
    expect(section!.nameRange.start.column).toBe(1);
    const [option] = section!.options;
    expect(option!.valueRange.start.column).toBe(4);
    expect(option!.references[0]!.range.start.column).toBe(7);
    expect(covered(text, option!.references[0]!.range)).toBe("${b:ü}");
  });

  it("is not disturbed by lines that are no option, as in a text being typed", () => {
    const text = "[a]\nx\n[b\ny = 1\n";
    expect(listed(text).map(({ name }) => name)).toEqual(["y"]);
  });

  it("of each option matches the parser, whatever the text", () => {
    const line = fc.constantFrom(
      ...["[a]", "[b: true]", "[c: false]", "x = 1", "x += ${a:x}", "y-=2", "<= a", "=> b"],
      ...["  more", "\t${b:y}", "", "# c", "; d", " = ", "junk", "[x;y]", "z\u00a0= 1", "\u2028w"],
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), (rows, end) => {
        const text = `[s]${end}${rows.join(end)}`;
        const parsed = parse(
          text,
          "b",
          () => true,
          "b",
          () => {},
        );
        const mine = findRanges(text, "b");
        expect(new Set(mine.map(({ name }) => name))).toEqual(new Set(parsed.sections.keys()));
        for (const [name, options] of parsed.sections) {
          const places = mine.filter((section) => section.name === name);
          for (const [key, { line: number }] of options) {
            const plain = isOperator(key) ? key.slice(0, -1).trimEnd() : key;
            const there = places
              .flatMap(({ options: all }) => all)
              .some((one) => one.name === plain && one.nameRange.start.line === number - 1);
            expect(there, `${name}:${key}`).toBe(true);
          }
        }
      }),
    );
  });
});
