/** The text of Python scripts, the same as from zc.buildout 5. */
import path from "node:path";
import { repr } from "../../../pythonic/text.ts";
import type { EntryPoint } from "../python-distribution.ts";

/** Common settings of a part's scripts. */
export interface ScriptSurroundings {
  /** The interpreter, absolute. */
  executable: string;
  /** Absolute paths for the front of `sys.path`. */
  searchPath: readonly string[];
  /** Statements that run before the script's own. */
  initialization: string;
  /** The base of relative paths; undefined: paths are absolute. */
  relativeTo: string | undefined;
}

/** The kernel's limit for a script's first line. */
const LONGEST_FIRST_LINE = process.platform === "darwin" ? 512 : 127;

/**
 * The first line or, if a kernel cannot handle it (white space or too long), lines that make sh start the
 * interpreter and that Python ignores, as in pip.
 */
function firstLine(executable: string): string {
  const line = `#!${executable}`;
  if (!/\s/.test(executable) && Buffer.byteLength(line) < LONGEST_FIRST_LINE) return line;
  const word = `"${executable.replace(/[\\"$`]/g, "\\$&")}"`;
  return `#!/bin/sh\n'''exec' ${word} "$0" "$@"\n' '''`;
}

/** Such lines as written by pip. */
const SH_FIRST = /^#!\/bin\/sh\n'''exec' .*\n' '''\n/;

/** Whether an absolute path is `folder` or below it. */
function isWithin(folder: string, file: string): boolean {
  const below = path.relative(folder, file);
  return below !== ".." && !below.startsWith(`..${path.sep}`);
}

/** A path as a Python expression: a string or, below `base`, an expression with the script's variable `base`. */
export function pathExpression(file: string, base: string | undefined): string {
  if (base === undefined || !isWithin(base, file)) return repr(file);
  const below = path.relative(base, file);
  return below === "" ? "base" : `join(base, ${repr(below)})`;
}

/** Statements that compute the directory `base` from the script's path. Empty for absolute paths. */
function baseStatements(script: string, base: string | undefined): string {
  if (base === undefined) return "";
  const levels = path.relative(base, path.dirname(script)).split(path.sep).filter(Boolean).length;
  const up = "base = os.path.dirname(base)\n".repeat(levels);
  return `
import os

join = os.path.join
base = os.path.dirname(os.path.abspath(os.path.realpath(__file__)))
${up}`;
}

/** `file`: the path of the script. */
function pieces(file: string, { executable, searchPath, ...rest }: ScriptSurroundings) {
  const { initialization, relativeTo } = rest;
  // Outside the directory, relative paths would not survive a move.
  const base = relativeTo !== undefined && isWithin(relativeTo, file) ? relativeTo : undefined;
  return {
    head: firstLine(executable),
    base: baseStatements(file, base),
    paths: searchPath.map((item) => `  ${pathExpression(item, base)},\n`).join(""),
    initialization: initialization === "" ? "" : `\n${initialization}\n`,
  };
}

/** A script that calls the function of an entry point with `args`, a Python argument list. */
export function entryPointScript(
  file: string,
  { module, attributes }: Pick<EntryPoint, "module" | "attributes">,
  args: string,
  surroundings: ScriptSurroundings,
): string {
  const { head, base, paths, initialization } = pieces(file, surroundings);
  return `${head}
${base}
import sys
sys.path[0:0] = [
${paths}  ]
${initialization}
import ${module}

if __name__ == '__main__':
    sys.exit(${module}.${attributes}(${args}))
`;
}

/**
 * The same with a recipe's own template, in Python's % style: `python`, `path`, `relative_paths_setup`,
 * `initialization`, `module_name`, `attrs`, `arguments` are the pieces of zc.buildout's `script_template`.
 */
export function templateScript(
  template: string,
  file: string,
  { module, attributes }: Pick<EntryPoint, "module" | "attributes">,
  args: string,
  surroundings: ScriptSurroundings,
): string {
  const { base, paths, initialization } = pieces(file, surroundings);
  const values: Record<string, string> = {
    python: surroundings.executable,
    path: paths.replace(/^ {2}|,\n$/g, ""),
    relative_paths_setup: base,
    initialization,
    module_name: module,
    attrs: attributes,
    arguments: args,
    dash_S: "",
  };
  return template.replace(/%(?:%|\((\w+)\)[sr])/g, (piece, name?: string) =>
    name === undefined ? "%" : (values[name] ?? piece),
  );
}

/**
 * A script file of a distribution (setup.py's `scripts`), with `sys.path` set before its first import. One
 * for another interpreter is unchanged.
 */
export function packagedScript(
  file: string,
  text: string,
  surroundings: ScriptSurroundings,
): string {
  const [shebang = "", ...lines] = text.replace(SH_FIRST, "#!python\n").split(/(?<=\n)/);
  if (!/^#!.*python/.test(shebang)) return text;
  const first = lines.findIndex((line) => /^(?=.*import)(?!.*__future__)(import|from)/.test(line));
  const start = first < 0 ? lines.length : first;
  const { head, base, paths, initialization } = pieces(file, surroundings);
  return `${head}
${lines.slice(0, start).join("")}
${base}
import sys
sys.path[0:0] = [
${paths}  ]
${initialization}

${lines.slice(start).join("")}`;
}

/** Handles a command line like python, for -c, -m, -i and files; -I has no effect. */
const RUN = `
_interactive = True

def _run(words):
    global _interactive
    _interactive = not words
    kind = None
    while words and words[0][:1] == '-' and kind is None:
        letters = words.pop(0)[1:]
        for place, letter in enumerate(letters, 1):
            if letter in 'cm':
                if not letters[place:] and not words:
                    sys.exit('Argument expected for the -%s option' % letter)
                kind, program = letter, letters[place:] or words.pop(0)
                break
            if letter == 'i':
                _interactive = True
            elif letter != 'I':
                sys.exit('Unknown option: -%s' % letter)
    if kind == 'c':
        sys.argv[:] = ['-c'] + words
        exec(program, globals())
    elif kind == 'm':
        sys.argv[1:] = words
        __import__('runpy').run_module(program, {}, '__main__', alter_sys=True)
    elif words:
        sys.argv[:] = words
        globals()['__file__'] = words[0]
        with open(words[0], 'rb') as program:
            code = compile(program.read(), words[0], 'exec')
        exec(code, globals())
    if _interactive:
        __import__('code').interact(banner='', local=globals())

_run(sys.argv[1:])
`;

/**
 * A script that acts as the interpreter, with the distributions on its path. It supports the same options
 * as zc.buildout's, but leaves the words after -c and -m to the program.
 */
export function interpreterScript(file: string, surroundings: ScriptSurroundings): string {
  const { head, base, paths, initialization } = pieces(file, surroundings);
  return `${head}
${base}
import sys

sys.path[0:0] = [
${paths || "  \n"}  ]
${initialization}
${RUN}`;
}
