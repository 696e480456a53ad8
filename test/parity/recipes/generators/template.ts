import fc from "fast-check";
import { type Case, type Content, lifeCycle, type Options } from "../cases.ts";
import { boolean, mode, rarely, unknown, word } from "./values.ts";

const harmless = fc.constantFrom(
  ...["text", " ", "\n", "$", "$$", "$$$", "$x", "{", "}", "${", "%(x)s", "é", "\\", "\t", "a: b"],
  ...["${:a}", "${p:a}", "${o:x}", "$${o:x}", "$$${o:x}", "\\${o:x}", "{${o:x}}", "${o:dollar}"],
  ...[
    "${buildout:directory}",
    "${:_buildout_section_name_}",
    "${o:several}",
    "$${",
    "${o:x}}",
    "\r\n",
  ],
  ...["${o:escaped}", "[section]", "key =", "# c", "${o:empty}", "\u00a0", "\x0c", "$o:x}"],
);

const own = fc.constantFrom("${a}", "$${a}", "${a-b}", "${_}", "$$${a}");

const wrong = fc.constantFrom(
  ...[
    "${o:missing}",
    "${nosuch:x}",
    "${}",
    "${:}",
    "${o:}",
    "${o:x:y}",
    "${ o:x }",
    "${o x:y}",
    "$${o:missing}",
  ],
  ...["${a b}", "${${o:x}}", "${missing}", "${a\n}", "${o:a b}", "${o;x:y}"],
);

/** The text of a template; `file`: where a lone name is an option of the part. */
function template(file: boolean): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { arbitrary: harmless, weight: 30 },
    ...(file ? [{ arbitrary: own, weight: 6 }] : []),
    { arbitrary: wrong, weight: 1 },
  );
  return fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(""));
}

const sections = {
  o: {
    x: "X",
    dollar: "$",
    empty: "",
    several: "\none\ntwo",
    escaped: "$${o:x}",
  },
};

interface Source {
  options: Options;
  files?: Record<string, Content>;
  changed?: Record<string, Content>;
}

const inFile: fc.Arbitrary<Source> = fc
  .record({
    text: template(true),
    later: template(true),
    mode: fc.constantFrom(undefined, 0o600, 0o755, 0o444),
    name: fc.constantFrom("t.in", "in/t.in", "${buildout:directory}/t.in", "./in/../t.in"),
  })
  .map(({ text, later, mode: permissions, name }) => {
    const file = name.replace("${buildout:directory}/", "").replace("./in/../", "");
    return {
      options: { input: name },
      files: { "in/": "", [file]: { text, ...(permissions && { mode: permissions }) } },
      changed: { [file]: null, [`./${file}`]: { text: later } },
    };
  });

const inOption: fc.Arbitrary<Source> = fc.oneof(
  template(false).map((text) => ({ options: { inline: text } })),
  template(false).map((text) => ({ options: { inline: `\n${text}` } })),
  template(false)
    .filter((text) => !/^\[/m.test(text))
    .map((text) => ({ options: { input: `inline:${text}` } })),
);

const otherwise: fc.Arbitrary<Source> = fc.constantFrom<Source>(
  { options: {} },
  { options: { input: "missing.in" } },
  { options: { input: "" } },
  { options: { input: "t", inline: "u" } },
  { options: { input: "t", url: "file://@DIRECTORY@/t.in" } },
  { options: { inline: "t", url: "file://@DIRECTORY@/t.in" }, files: { "t.in": "T" } },
  {
    options: { url: "file://@DIRECTORY@/t.in" },
    files: { "t.in": { text: "${a} $${o:x} ${o:x}" } },
  },
  { options: { url: "file://@DIRECTORY@/missing" } },
  { options: { url: "t.in" } },
);

const source = fc.oneof(
  { arbitrary: inFile, weight: 6 },
  { arbitrary: inOption, weight: 3 },
  { arbitrary: otherwise, weight: 1 },
);

const output = fc.constantFrom<string | undefined>(
  ...[
    "out",
    "out",
    "etc/out",
    "a/b/out",
    "${buildout:directory}/abs/out",
    "./out",
    "etc//out",
    "a b/o u t",
  ],
  ...[undefined, "", "in"],
);

const options = fc.record({
  output,
  mode: rarely(mode, 1),
  overwrite: rarely(boolean, 1),
  timeout: rarely(fc.constantFrom("1", "2.5", " 1.0 ", "abc", "")),
  "input-encoding": rarely(fc.constantFrom("utf-8", "latin-1", "ascii", "nope", "UTF8")),
  "output-encoding": rarely(fc.constantFrom("utf-8", "latin-1", "ascii", "utf-16", "nope")),
  a: fc.option(word, { nil: undefined, freq: 9 }),
  "a-b": fc.constant("dash"),
  _: fc.constant("low"),
  unknown,
});

export const templates: fc.Arbitrary<Case> = fc
  .record({
    source,
    first: options,
    second: options,
    there: rarely(fc.constant("there before"), 1),
  })
  .map(({ source: { options: from, files, changed }, first, second, there }) => {
    const sketch = (own: Options) => ({
      recipe: "collective.recipe.template",
      options: { ...from, ...own },
      sections,
    });
    return lifeCycle(
      sketch(first),
      { ...files, ...(there && { out: there }) },
      { changed: changed ?? {}, second: sketch(second) },
    );
  });
