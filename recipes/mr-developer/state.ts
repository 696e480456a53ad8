import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { BuildoutError, type Log, repr, words, writeFileAtomically } from "../../src/index.ts";
import { formatIni, type IniSections, parseIni } from "./ini.ts";
import { parseRewrite, prefixRewrite, type Rewrite } from "./rewrite.ts";

/** The file in the buildout's directory that records develop packages between runs. */
export const STATE_FILE = ".mr.developer.cfg";
const OPTIONS_FILE = ".mr.developer-options.cfg";
const DEFAULT_THREADS = 5;

/** `true`: activated by the user; `auto`: because of auto-checkout; `false`: deactivated by the user. */
type Activation = true | false | "auto";

/** Data about the packages of a buildout from earlier runs and the user's settings. */
export interface State {
  activations: Map<string, Activation>;
  /** The command line of the last run of buildout, the command itself first. */
  buildoutArguments: string[];
  readonly rewrites: readonly Rewrite[];
  /** How many checkouts run at the same time. */
  readonly threads: number;
  /** Writes the file if anything in it changed. */
  save(): void;
}

function readFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readIni(file: string): IniSections {
  return parseIni(readFile(file) ?? "", file);
}

/** The user's own settings, which must not contain state. */
function readSettings(file: string, shown: string): IniSections {
  const sections = readIni(file);
  for (const section of ["buildout", "develop"]) {
    if (!sections.has(section)) continue;
    throw new BuildoutError(
      "invalid-file",
      `The '${section}' section is not allowed in '${shown}'`,
      { location: { file } },
    );
  }
  return sections;
}

function readActivations(section: ReadonlyMap<string, string> | undefined, file: string) {
  const activations = new Map<string, Activation>();
  for (const [name, written] of section ?? []) {
    const value = written.toLowerCase();
    if (!["true", "false", "auto"].includes(value)) {
      throw new BuildoutError("invalid-file", `Invalid value in 'develop' section of '${file}'`, {
        location: { file },
        hint: `'${name}' must be 'true', 'false' or 'auto'.`,
      });
    }
    activations.set(name, value === "auto" ? "auto" : value === "true");
  }
  return activations;
}

/** One argument quoted by Python's `repr`. */
function unquote(line: string): string {
  const text = line.trim();
  const [, body] = /^(?:'(.*)'|"(.*)")$/s.exec(text)?.filter((group) => group !== undefined) ?? [];
  if (body === undefined) return text;
  return body.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, code?: string, character?: string) =>
    code === undefined
      ? ({ n: "\n", r: "\r", t: "\t" }[character!] ?? character!)
      : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function readThreads(value: string | undefined, log: Log): number {
  if (value === undefined) return DEFAULT_THREADS;
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  log.warning(
    `Invalid value '${value}' for 'threads' option, must be a positive number. Using default value of ${DEFAULT_THREADS}.`,
  );
  return DEFAULT_THREADS;
}

function legacyRewrites(value: string): Rewrite[] {
  return value.split("\n").flatMap((line) => {
    const pair = words(line);
    if (pair.length === 0) return [];
    if (pair.length === 2) return [prefixRewrite(pair[0]!, pair[1]!)];
    throw new BuildoutError(
      "invalid-rewrite",
      `Invalid legacy rewrite '${line}'. Each rewrite must have two parts separated by a space.`,
    );
  });
}

/**
 * Reads `.mr.developer.cfg` in the buildout's folder, with the user's
 * `~/.buildout/mr.developer.cfg` and `.mr.developer-options.cfg` below it. Throws `invalid-file`
 * and `invalid-rewrite`.
 */
export function readState(directory: string, log: Log): State {
  const file = join(directory, STATE_FILE);
  const own = readIni(file);
  const files = [
    readSettings(join(homedir(), ".buildout", "mr.developer.cfg"), "~/.buildout/mr.developer.cfg"),
    readSettings(join(directory, OPTIONS_FILE), OPTIONS_FILE),
    own,
  ];
  const merged = (section: string) =>
    new Map(files.flatMap((sections) => [...(sections.get(section) ?? [])]));
  // An empty option in the state file does not affect those in the user's files.
  const prefixes = files.map((sections) => sections.get("mr.developer")?.get("rewrites"));
  const former = own.get("buildout")?.get("args");
  const formerArguments = former?.split("\n").map(unquote) ?? [];
  const state = {
    activations: readActivations(own.get("develop"), file),
    buildoutArguments: formerArguments,
    rewrites: [
      ...legacyRewrites(prefixes.reverse().find(Boolean) ?? ""),
      ...[...merged("rewrites")].map(([name, program]) => parseRewrite(program, name)),
    ],
    threads: readThreads(merged("mr.developer").get("threads"), log),
    save() {
      // In the original's order, which reads the user's files first; their settings are not copied.
      const order = new Set(files.flatMap((sections) => [...sections.keys()]));
      const written: IniSections = new Map(
        [...order]
          .filter((name) => name !== "develop" && (own.has(name) || name === "mr.developer"))
          .map((name) => [name, own.get(name) ?? new Map()]),
      );
      const names = [...state.activations.keys()].sort();
      written.set(
        "develop",
        new Map(names.map((name) => [name, String(state.activations.get(name))])),
      );
      const recorded = new Map(own.get("buildout"));
      if (state.buildoutArguments !== formerArguments || former === undefined) {
        recorded.set("args", state.buildoutArguments.map(repr).join("\n"));
      }
      written.set("buildout", recorded);
      const kept = new Map(own.get("mr.developer"));
      if (!kept.has("rewrites")) kept.set("rewrites", "");
      written.set("mr.developer", kept);
      const text = formatIni(written);
      // The arguments may contain a password: only the user can read the file.
      if (text !== readFile(file)) writeFileAtomically(file, text, 0o600);
    },
  };
  return state;
}
