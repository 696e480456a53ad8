/** Runs a buildout step by step through two engines and reports where they leave something different. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { recordSections } from "../record.ts";
import { shown } from "../shown.ts";
import type { Changes, Step } from "./life-cycles.ts";
import { type Found, shortForm } from "./table.ts";

/** The result of a step: lines to compare. */
export type Outcome = readonly string[];

/** A buildout and the steps to run with it. */
export interface Subject {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Fills the directory before the first step. */
  prepare(directory: string): void;
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments for our engine alone. */
  readonly ourArguments?: readonly string[];
  /** Compare scripts, too, but not the signatures, which name the distributions of recipes. */
  readonly whole?: boolean;
  /** Compare the names of eggs, too; their order in the last step. */
  readonly eggs?: boolean;
  /** Our recipe is a native one, which knows all its options. */
  readonly native?: boolean;
  /** If the original ends with a traceback, it is enough that we end with an error. */
  readonly isRough?: boolean;
}

/** The output of a run about parts; the rest has a different form in each engine. */
const SAID =
  /^(Installing|Updating|Uninstalling|Running uninstall recipe|Generated|gone|extension|Section|The ) /;
/** Files private to each engine, and files named after a URL that contains the directory. */
const OWN = /(^|\/)(__pycache__|eggs|\.cache|\.[0-9a-f]+\.stamp|[0-9a-f]{32})$/;
/** How a generated interpreter reads its arguments; everything above it must be equal. */
const INTERPRETER = /\n+(?:_interactive = True\n|def _run\(words\):\n)[\s\S]*$/;
const SCRIPTS = /^bin$/;
/** Files left by runs, also if a public buildout contains them. */
const LEFT = new Set(["develop-eggs", ".installed.cfg"]);
/** How the original reports errors that are not meant for users. */
const TRACEBACK = "An internal error occurred due to a bug";

export function change(directory: string, changes: Changes): void {
  for (const [name, text] of Object.entries(changes)) {
    const path = join(directory, name);
    if (text === null) {
      rmSync(path, { recursive: true, force: true });
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** The effective content of a record: the original appends to it, and later lines win. */
function record(text: string): string[] {
  const sections = recordSections(text);
  const own = sections.get("buildout");
  const parts = own?.get("parts")?.split(/\s+/) ?? [];
  // The original leaves such a file behind if the only part has failed.
  if (parts.join("") === "" && !own?.get("installed_develop_eggs")) return [];
  return ["buildout", ...parts].flatMap((section) =>
    [...(sections.get(section) ?? [])].map(([name, value]) => {
      // In the order in which the original found them in the directory.
      const text =
        name === "installed_develop_eggs" ? value.split(/\n\t/).sort().join("\n\t") : value;
      return `[${section}] ${name} = ${text}`;
    }),
  );
}

function tree(directory: string, skipped: (name: string) => boolean, folder = ""): string[] {
  return readdirSync(join(directory, folder))
    .sort()
    .flatMap((entry) => {
      const name = join(folder, entry);
      if (skipped(name)) return [];
      const path = join(directory, name);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return [`${name} -> ${readlinkSync(path)}`];
      if (stat.isDirectory()) return [`${name}/`, ...tree(directory, skipped, name)];
      const text = readFileSync(path, "utf8")
        .replace(/-[0-9a-f]{32}\b/g, "-HASH")
        .replace(INTERPRETER, "\n");
      const lines = text.includes("__buildout_signature__") ? record(text) : text.split("\n");
      return lines.map((line) => `${name}: ${line}`);
    });
}

/** The names of the installed eggs. */
function eggs(directory: string): string[] {
  const folder = join(directory, "eggs", "v5");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".egg"))
    .sort()
    .map((name) => `egg ${name}`);
}

/** The distributions of both engines themselves. */
const TOOLS = /\b(zc\.buildout|zc\.recipe\.egg)-\d[^/]*\.egg\b/;

/** The recorded paths of a part, in the order of the eggs of its first run. */
const WRITTEN = /^(\.installed\.cfg: \[.*?\] __buildout_installed__ = )([\s\S]*)$/;

/** A script from two distributions exists once here (docs/differences.md, Scripts). */
const withoutOrderOrRepeats = (_: string, head: string, files: string) =>
  head + [...new Set(files.split("\n\t"))].sort().join("\n\t");

/** Without lines that belong to the original's Python, or to its way of finding recipes. */
function settled(lines: readonly string[], subject: Subject): string[] {
  if (!subject.whole) return [...lines];
  return lines
    .filter((line) => !/__buildout_signature__|\/site-packages\b/.test(line))
    .filter((line) => !(TOOLS.test(line) && /^egg |sys\.path|^\S+: {3}/.test(line)))
    .filter((line) => !(subject.native && line.startsWith("Section ")))
    .map((line) => line.replace(/(#!\S*\/python)[\d.]*/, "$1"))
    .map((line) => (subject.eggs ? line.replace(WRITTEN, withoutOrderOrRepeats) : line));
}

/**
 * What went wrong: the place and the message. Each engine has its own form: the original prints a traceback,
 * ours the recipe that failed, the location and a hint.
 */
function complaints(stderr: string): string[] {
  return stderr.split("\n").flatMap((line) => {
    if (
      /^(While:| {2}(Installing|Updating|Uninstalling|Getting|Initializing|Loading)\b)/.test(line)
    ) {
      return [line];
    }
    const said = /^(?:Error: |(?=\w+(?:\.\w+)*(?:Error|Exception|Section|Option): ))(.*)$/.exec(
      line,
    )?.[1];
    if (said === undefined) return [];
    return [
      `Error: ${shown(said.replace(/^The recipe \S+ of part \S+ failed: |^(zc\.buildout\.)?UserError: /, ""))}`,
    ];
  });
}

function run(
  command: readonly string[],
  subject: Subject,
  given: ReadonlySet<string>,
  directory: string,
  step: Step,
): Outcome {
  change(directory, step.change ?? {});
  const [engine = "", ...more] = command;
  const home = `${directory}-home`;
  mkdirSync(home, { recursive: true });
  const result = spawnSync(engine, [...more, ...step.run], {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, HOME: home, PYTHONWARNINGS: "ignore", ...subject.environment },
  });
  if (result.error) throw result.error;
  if (process.env.PARITY_VERBOSE) console.log(`${engine}\n${result.stdout}${result.stderr}`);
  const said = result.stdout
    .split("\n")
    .filter((line) => (step.whole ? !/^Creating directory /.test(line) : SAID.test(line)));
  if (subject.isRough && result.stderr.includes(TRACEBACK)) return [TRACEBACK];
  const skipped = (name: string) =>
    OWN.test(name) || given.has(name) || (!subject.whole && SCRIPTS.test(name));
  const left = existsSync(directory) ? tree(directory, skipped) : ["The directory is gone."];
  const told = step.killed
    ? []
    : [`status ${result.status}`, ...said, ...complaints(result.stderr)];
  const lines = [...told, ...left, ...(subject.eggs ? eggs(directory) : [])];
  return settled(lines, subject).map((line) =>
    line
      .replaceAll(directory, "DIRECTORY")
      .replaceAll(basename(directory), "DIRECTORY")
      .replace(/\b127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
      .replace(/^(executable= ).*/, "$1PYTHON"),
  );
}

/** The outcome of each step, in a directory of its own. */
export function live(command: readonly string[], subject: Subject): Outcome[] {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "parity-")));
  try {
    subject.prepare(directory);
    const given = new Set(readdirSync(directory).filter((name) => !LEFT.has(name)));
    return subject.steps.map((step) => run(command, subject, given, directory, step));
  } finally {
    for (const path of [directory, `${directory}-home`]) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/**
 * The original uses new eggs in reverse order until a run finds all of them installed, and then rewrites its
 * scripts (docs/differences.md, The order of new eggs). The last step compares the order.
 */
function withoutOrder(outcome: Outcome, isLater: boolean): Outcome {
  const counting = isLater
    ? outcome.filter((line) => !/^Generated (script|interpreter) /.test(line))
    : outcome;
  return [...counting].sort();
}

/** In the result of a step: an option in the record with a tab at the beginning of a line. */
const TABBED = /^\.installed\.cfg: \[(.*?)\] \S+ = (?:[\s\S]*\n\t)?\t/;
const TABS =
  "A value with a line that begins with a tab (docs/differences.md) is read back as it was.";

/** Whether the only difference is that the original reinstalls parts with tabs: it rereads other values. */
function isOfTabs(theirs: readonly string[], ours: readonly string[], our: Outcome): boolean {
  const tabbed = new Set(our.map((line) => TABBED.exec(line)?.[1]));
  const parts = ours.map((line) => /^Updating (.*)\.$/.exec(line)?.[1]);
  const anew = parts.flatMap((part) => [`Installing ${part}.`, `Uninstalling ${part}.`]);
  const said = theirs.filter((line) => !/^Generated (script|interpreter) /.test(line));
  return (
    parts.every((part) => part !== undefined && tabbed.has(part)) &&
    said.sort().join("\n") === anew.sort().join("\n")
  );
}

/** Each step, with the lines that only one of the two left. */
export function compare(
  subject: Subject,
  theirs: readonly Outcome[],
  ours: readonly Outcome[],
): Found[] {
  return subject.steps.map((_, at) => {
    const isLast = at === subject.steps.length - 1;
    const counting = (outcome: Outcome = []) =>
      subject.eggs && !isLast ? withoutOrder(outcome, at > 0) : outcome;
    const [their, our] = [counting(theirs[at]), counting(ours[at])];
    const isTraceback = their.includes(TRACEBACK) && our.includes("status 1");
    const theirsAlone = their.filter((line) => !our.includes(line));
    const oursAlone = our.filter((line) => !their.includes(line));
    const lines = [
      ...theirsAlone.map((line) => `  zc.buildout: ${line}`),
      ...oursAlone.map((line) => `  this engine: ${line}`),
    ];
    const alike = isTraceback || our.join("\n") === their.join("\n");
    return {
      where: `${subject.name}:${at + 1}`,
      alike,
      ...(!alike && lines.length > 0 && isOfTabs(theirsAlone, oursAlone, our) && { reason: TABS }),
      shows: shortForm(lines.join("\n")),
      text: lines.join("\n"),
    };
  });
}
