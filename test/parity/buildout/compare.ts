/** Runs life cycles through two engines and says where they leave something else. */
import { spawnSync } from "node:child_process";
import {
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
import { dirname, join } from "node:path";
import { type LifeCycle, recipe, type Step } from "./life-cycles.ts";

/** What a step left: lines to compare. */
type Outcome = readonly string[];

export interface Difference {
  readonly lifeCycle: string;
  /** From 1. */
  readonly step: number;
  readonly theirs: Outcome;
  readonly ours: Outcome;
}

/** What a run says of parts; the rest of its output has forms of its own. */
const SAID = /^(Installing|Updating|Uninstalling|Running uninstall recipe|gone|Section|The ) /;
/** What each engine keeps for itself. */
const OWN = /(^|\/)(__pycache__|bin|eggs|\.cache|\.[0-9a-f]+\.stamp)$/;

function change(directory: string, step: Pick<Step, "change">): void {
  for (const [name, text] of Object.entries(step.change ?? {})) {
    const path = join(directory, name);
    if (text === null) {
      rmSync(path, { recursive: true, force: true });
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** What a record says in the end: the original appends to it, and later lines win. */
function record(text: string): string[] {
  const sections = new Map<string, Map<string, string>>();
  let options = new Map<string, string>();
  let option = "";
  for (const line of text.split("\n")) {
    const header = /^\[(.*)\]$/.exec(line)?.[1];
    const [, name, value] = /^(\S+) = ?(.*)$/.exec(line) ?? [];
    if (header !== undefined) {
      options = sections.get(header) ?? new Map();
      sections.set(header, options);
    } else if (name !== undefined) {
      option = name;
      options.set(name, value!);
    } else if (line) {
      options.set(option, `${options.get(option)}\n${line}`);
    }
  }
  const parts = sections.get("buildout")?.get("parts")?.split(/\s+/) ?? [];
  return ["buildout", ...parts].flatMap((section) =>
    [...(sections.get(section) ?? [])].map(([name, value]) => `[${section}] ${name} = ${value}`),
  );
}

function tree(directory: string, folder = ""): string[] {
  return readdirSync(join(directory, folder))
    .sort()
    .flatMap((entry) => {
      const name = join(folder, entry);
      if (OWN.test(name) || name === "recipes") return [];
      const path = join(directory, name);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return [`${name} -> ${readlinkSync(path)}`];
      if (stat.isDirectory()) return [`${name}/`, ...tree(directory, name)];
      const text = readFileSync(path, "utf8").replace(/-[0-9a-f]{32}\b/g, "-HASH");
      const lines = text.includes("__buildout_signature__") ? record(text) : text.split("\n");
      return lines.map((line) => `${name}: ${line}`);
    });
}

function run(engine: string, directory: string, step: Step): Outcome {
  change(directory, step);
  const result = spawnSync(engine, ["-o", ...step.run], {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, HOME: directory, PYTHONWARNINGS: "ignore" },
  });
  if (result.error) throw result.error;
  const said = result.stdout.split("\n").filter((line) => SAID.test(line));
  const left = tree(directory);
  return [`status ${result.status}`, ...said, ...left].map((line) =>
    line.replaceAll(directory, "DIRECTORY"),
  );
}

/** The outcome of each step, in a directory of its own. */
function live(engine: string, lifeCycle: LifeCycle): Outcome[] {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "parity-")));
  try {
    change(directory, { change: recipe });
    const link = { "develop-eggs/lifecycle.egg-link": `${join(directory, "recipes")}\n.` };
    change(directory, { change: link });
    return lifeCycle.map((step) => run(engine, directory, step));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function compare(
  lifeCycle: string,
  steps: LifeCycle,
  engines: { readonly theirs: string; readonly ours: string },
): Difference[] {
  const theirs = live(engines.theirs, steps);
  const ours = live(engines.ours, steps);
  return steps.flatMap((_, at) =>
    ours[at]!.join("\n") === theirs[at]!.join("\n")
      ? []
      : [{ lifeCycle, step: at + 1, theirs: theirs[at]!, ours: ours[at]! }],
  );
}
