import {
  BuildoutError,
  booleanOption,
  defineRecipe,
  type EntryPoint,
  eggsOf,
  eggsWorkingSet,
  initializeScripts,
  type Part,
  SCRIPT_OPTIONS,
  scriptSettings,
  words,
  writeScripts,
} from "../../src/index.ts";

/** `zope.foo=zope.foo.bar:main.run`, as in the option `entry-points`. */
const ENTRY_POINT =
  /^([^=]+)=([\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*):([\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*)$/u;

function parseEntryPoint(text: string, part: Part): EntryPoint {
  const [match, name = "", module = "", attributes = ""] = ENTRY_POINT.exec(text) ?? [];
  if (match !== undefined) return { name, module, attributes, extras: [] };
  part.log.error(`Cannot parse the entry point ${text}.`);
  const location = part.options.location("entry-points");
  throw new BuildoutError("invalid-entry-point", "Invalid entry point", {
    ...(location && { location }),
    hint: "Write name=module:function, without white space.",
  });
}

/** `a b=c` -> a: a, b: c */
function parseScripts(text: string): Map<string, string> {
  return new Map(
    words(text).map((word) => {
      const [, name, target] = /^([^=]*)=(.*)$/s.exec(word) ?? [word, word, word];
      return [name!, target!];
    }),
  );
}

async function install(part: Part): Promise<string[]> {
  const { options } = part;
  const distributions = await eggsWorkingSet(part);
  const scripts = options.get("scripts");
  if (scripts === "") return [];
  const entryPoints = words(options.get("entry-points") ?? "");
  return writeScripts({
    ...scriptSettings(part),
    distributions,
    requirements: eggsOf(part),
    scripts: scripts === undefined ? undefined : parseScripts(scripts),
    entryPoints: entryPoints.map((text) => parseEntryPoint(text, part)),
    dependentScripts: booleanOption(options, "dependent-scripts"),
    interpreter: options.get("interpreter"),
    initialization: options.get("initialization") ?? "",
    arguments: options.get("arguments") ?? "",
  });
}

export default defineRecipe({
  description: "Installs Python distributions and writes their scripts into bin/.",
  options: {
    ...SCRIPT_OPTIONS,
    scripts: {
      type: "words",
      description: "Scripts to write; `old=new` renames. Default: all of `eggs`; empty: none.",
    },
    "dependent-scripts": {
      description: "`true`: write the scripts of all dependencies, too.",
    },
    "entry-points": {
      type: "words",
      description: "Further scripts: `name=module:function`, separated by white space.",
    },
    interpreter: { description: "Name of a script that starts Python with the eggs on its path." },
    initialization: { description: "Python statements at the start of every script." },
    arguments: { description: "Python arguments to pass to the functions of the scripts." },
  },
  readsOnlyDeclared: true,
  init: initializeScripts,
  install,
  update: install,
  settled: ({ options }) => [options.require("executable")],
  distributions: (part) => eggsWorkingSet(part),
});
