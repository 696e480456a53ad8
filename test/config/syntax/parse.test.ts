import { describe, expect, it } from "vitest";
import { parse } from "../../../src/config/syntax/parse.ts";

/** section -> option -> value of text whose conditions are `true` or `false`. */
function values(text: string): Record<string, Record<string, string>> {
  const { sections } = parse(text, "b.cfg", (expression) => expression.trim() === "true");
  return Object.fromEntries(
    [...sections].map(([name, options]) => [
      name,
      Object.fromEntries([...options].map(([option, { value }]) => [option, value])),
    ]),
  );
}

const inA = (text: string) => values(`[a]\n${text}`).a;

describe("values", () => {
  it("that begin on the option's line lose blank lines and indentation", () => {
    expect(inA("x = 1\n\n   2\n\t3\n")).toEqual({ x: "1\n2\n3" });
  });

  it("that begin below it keep blank lines and relative indentation", () => {
    expect(inA("x =\n  1\n\n    2\n\n  3\n\n")).toEqual({ x: "1\n\n  2\n\n3" });
  });

  it("are not dedented if tabs and blanks are mixed", () => {
    expect(inA("x =\n\t1\n  2\n")).toEqual({ x: "\t1\n  2" });
  });

  it("contain anything that looks like a comment but is not in the first column", () => {
    expect(inA("x = 1 # c\n  # d\n# e\n; f\n  g\n")).toEqual({ x: "1 # c\n# d\ng" });
  });

  it("have Python's white space: a no-break space continues a line, U+FEFF does not", () => {
    expect(inA("x=\u00a01\n\u00a02\ny=\ufeff3\n")).toEqual({ x: "1\n2", y: "\ufeff3" });
  });

  it("end their lines with LF, CRLF or CR, but not with U+2028", () => {
    expect(inA("x=1\r\ny=2\rz=\n  a\u2028b\n")).toEqual({ x: "1", y: "2", z: "a\u2028b" });
  });
});

describe("options", () => {
  it("are case-sensitive, and of two settings the later holds", () => {
    expect(inA("X=1\nx=2\nx=3\n")).toEqual({ X: "1", x: "3" });
  });

  it("keep their operator, and several of one spelling add up", () => {
    expect(inA("x += 1\nx += 2\nx -= 3\n")).toEqual({ "x +": "1\n2", "x -": "3" });
  });

  it("set plainly drop the changes before, if these were written with one space", () => {
    expect(inA("x += 1\ny+= 1\nx = 2\ny = 2\n")).toEqual({ x: "2", "y+": "1", y: "2" });
  });

  it("=> are dependencies between parts, of which the last line counts", () => {
    expect(inA("=> b\n=> c\n  d\n")).toEqual({ "<part-dependencies>": "c\nd" });
  });

  it("can have JavaScript's special names", () => {
    const text = "[__proto__]\nconstructor = 1\n__proto__ = 2\n";
    const { sections } = parse(text, "b.cfg", () => true);
    expect([...sections.get("__proto__")!.keys()]).toEqual(["constructor", "__proto__"]);
  });
});

describe("sections", () => {
  it("with a false condition are left out, with an empty one not", () => {
    const text = "[a]\nx=1\n[b:false]\nx=2\n  3\n[c:]\nx=4\n[d : true] # why\nx=5\n";
    expect(values(text)).toEqual({ a: { x: "1" }, c: { x: "4" }, d: { x: "5" } });
  });

  it("that appear again are continued", () => {
    expect(values("[a]\nx=1\n[b]\ny=2\n[a]\nz=3\n").a).toEqual({ x: "1", z: "3" });
  });

  it("need a true header before the first option", () => {
    expect(() => values("[a:false]\nx=1\n")).toThrow(
      expect.objectContaining({
        code: "missing-section-header",
        location: { file: "b.cfg", line: 2 },
      }),
    );
  });
});

describe("what cannot be read", () => {
  it.each(["x: 1", "a b = 1", "[a b]", "[a] x", "[a", "= 1", "x + = 1", "[a#b]", "words"])(
    "is an error with its line: %s",
    (line) => {
      expect(() => values(`[a]\nx=1\n${line}\n`)).toThrow(
        expect.objectContaining({ code: "parse-error", location: { file: "b.cfg", line: 3 } }),
      );
    },
  );

  it("is listed in one error, false sections included", () => {
    expect(() => values("[a]\nbad\nx=1\n[b:false]\nworse\n")).toThrow(
      "File contains parsing errors: b.cfg\n\t[line  2]: 'bad\\n'\n\t[line  5]: 'worse\\n'",
    );
  });
});

it("reports options that a section sets twice", () => {
  const { duplicates } = parse("[a]\nx=1\ny+=1\ny+=2\nx=2\n", "b.cfg", () => true);
  expect(duplicates).toEqual([{ section: "a", option: "x", line: 5, firstLine: 2 }]);
});

it("takes time in proportion to the text", () => {
  const lines = 50_000;
  const text = `[a]\nx =\n${"   a line\n".repeat(lines)}y = ${" ".repeat(lines)}\n`;
  expect(inA(text)?.x?.length).toBe("a line\n".length * lines - 1);
});

describe("section names", () => {
  it.each(["[a;b]", "[a;]", "[;a]", "[a;b ] ; c"])("hold no semicolon: %s", (header) => {
    for (const end of ["\n", "\r", "\r\n"]) {
      expect(() => values(`[x]${end}${header}${end}`)).toThrow(/parsing errors/);
    }
  });

  it("are followed by a comment that may hold anything", () => {
    expect(values("[a] ; b ] [c]\nx = 1\n")).toEqual({ a: { x: "1" } });
  });
});
