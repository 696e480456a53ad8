/** The steps for a recipe: files to write, and a run after each change. */

/** A name ending in a slash is a directory; null removes. */
export type Content =
  | string
  | null
  | { readonly text: string; readonly mode?: number }
  | { readonly base64: string };

/** The files written before each run. */
export type Change = Readonly<Record<string, Content>>;

export type Case = readonly Change[];

export type Options = Readonly<Record<string, string | undefined>>;

/** An option as in a configuration file: `\n` begins an indented line. */
function optionText(name: string, value: string): string {
  return `${name} =${value.startsWith("\n") || value === "" ? "" : " "}${value.replaceAll("\n", "\n    ")}\n`;
}

export function sectionText(name: string, options: Options): string {
  const lines = Object.entries(options).map(([option, value]) =>
    value === undefined ? "" : optionText(option, value),
  );
  return `[${name}]\n${lines.join("")}`;
}

/** A buildout of one part. */
export interface PartSketch {
  readonly recipe: string;
  readonly name?: string;
  readonly options: Options;
  readonly buildout?: Options;
  /** Other sections. */
  readonly sections?: Readonly<Record<string, Options>>;
}

function configuration({ recipe, name = "p", options, buildout, sections }: PartSketch): string {
  return [
    sectionText("buildout", { parts: name, ...buildout }),
    ...Object.entries(sections ?? {}).map(([section, its]) => sectionText(section, its)),
    sectionText(name, { recipe, ...options }),
  ].join("\n");
}

/** Installs a part, runs again, installs it with other options, and removes it. */
export function lifeCycle(
  first: PartSketch,
  files: Change,
  { second, changed = {} }: { second: PartSketch; changed?: Change },
): Case {
  return [
    { ...files, "buildout.cfg": configuration(first) },
    changed,
    { "buildout.cfg": configuration(second) },
    { "buildout.cfg": sectionText("buildout", { ...first.buildout, parts: "" }) },
  ];
}
