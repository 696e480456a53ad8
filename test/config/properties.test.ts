import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combine } from "../../src/config/merge/combine.ts";
import type { Node, Visit } from "../../src/config/merge/graph.ts";
import { ALL, ownSections } from "../../src/config/merge/graph.ts";
import { mergeSections, noSections, type Sections } from "../../src/config/merge/merge.ts";
import { newestFirst } from "../../src/config/merge/option.ts";
import { parse } from "../../src/config/syntax/parse.ts";
import { BuildoutError } from "../../src/errors/error.ts";
import { dirname, within } from "../../src/pythonic/path.ts";

const NAMES = ["a", "b", "__proto__", "constructor", "toString"];
const name = fc.constantFrom(...NAMES);
const operator = fc.constantFrom("=", " = ", " += ", "+=", " -= ", "-=");
const value = fc.constantFrom("1", "2", "", "\n  1\n  3", "1\n  2");
const line = fc.oneof(
  fc.tuple(name, operator, value).map((parts) => parts.join("")),
  name.map((section) => `[${section}]`),
  fc.constantFrom("< = b", "=> b", "", "# c"),
);
const text = fc.array(line, { maxLength: 12 }).map((lines) => `[a]\n${lines.join("\n")}\n`);

describe("the parser", () => {
  it("returns sections or one of our errors for any text", () => {
    const any = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.oneof(line, fc.string()), { maxLength: 20 }).map((lines) => lines.join("\n")),
    );
    fc.assert(
      fc.property(any, (source) => {
        try {
          const { sections } = parse(source, "b.cfg", (expression) => expression.length % 2 === 0);
          for (const options of sections.values()) {
            for (const option of options.values()) expect(typeof option.value).toBe("string");
          }
        } catch (error) {
          expect(error).toBeInstanceOf(BuildoutError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** Files that extend only later ones, by index; the first one is the root. */
const files = fc.array(
  fc.record({
    text,
    extended: fc.array(fc.tuple(fc.nat(5), fc.constantFrom("", "d/../", "./")), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 6 },
);

function graph(given: { text: string; extended: [number, string][] }[]): Visit {
  const nodes: Node[] = given.map(({ text: source }, i) => ({
    name: `f${i}.cfg`,
    parsed: parse(source, `f${i}.cfg`, () => true),
    children: [],
    first: undefined,
  }));
  for (const [i, { extended }] of given.entries()) {
    for (const [distance, spelling] of extended) {
      const child = nodes[i + 1 + distance];
      if (child === undefined) continue;
      nodes[i]!.children.push({ node: child, folder: dirname(`${spelling}${child.name}`) });
    }
  }
  return { node: nodes[0]!, folder: "/base" };
}

/** Every visit merged on its own, as zc.buildout does. */
function visitByVisit({ node, folder }: Visit, sections = noSections()): Sections {
  for (const child of node.children) {
    visitByVisit({ node: child.node, folder: within(folder, child.folder) }, sections);
  }
  mergeSections(
    sections,
    ownSections(node, folder, () => ALL),
  );
  return sections;
}

function outcome(sections: () => Sections): unknown {
  try {
    return [...sections()].map(([section, options]) => [
      section,
      [...options]
        .map(([option, { value: text, history }]) => [option, text, [...newestFirst(history)]])
        .sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
    ]);
  } catch (error) {
    return error instanceof BuildoutError ? error.code : error;
  }
}

describe("merging", () => {
  it("returns the same as merging each visit, with the same histories", () => {
    fc.assert(
      fc.property(files, (given) => {
        const root = graph(given);
        const merged = outcome(() => combine(root, () => {}));
        expect(merged).toEqual(outcome(() => visitByVisit(root)));
      }),
      { numRuns: 2000 },
    );
  });
});
