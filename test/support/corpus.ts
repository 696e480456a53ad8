/** Runs a case of the corpus of zc.buildout's answers in this process; see its README. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseArguments } from "../../src/cli/buildout/arguments.ts";
import type { Configuration } from "../../src/config/merge/configuration.ts";
import { load } from "../../src/config/merge/load.ts";
import { latest } from "../../src/config/merge/option.ts";
import { initialize } from "../../src/config/resolve/initialize.ts";
import { Sections } from "../../src/config/resolve/sections.ts";
import { BuildoutError, messageOf } from "../../src/errors/error.ts";
import { annotate, shownSource } from "../../src/report/annotate.ts";
import { FACTS } from "./configuration-files.ts";

type Resolved = "=raw" | { ok: Record<string, string> } | { error: string };

export interface Case {
  id: string;
  files: Record<string, string>;
  main: string;
  args: string[];
  urls?: Record<string, string>;
  home?: Record<string, string>;
  profiles?: string[];
  expected: {
    status: "ok" | "load_error";
    load_error?: string;
    user_error?: boolean;
    while?: string[];
    annotated?: Record<string, Record<string, { value: string; source: string }>>;
    annotate_sha256?: string;
    annotate_text?: string;
    annotate_verbose_text?: string;
    annotate_verbose_sha256?: string;
    raw?: Record<string, "=annotated" | Record<string, string>>;
    resolved?: Record<string, Resolved>;
    notices?: string[];
  };
}

export const CORPUS =
  process.env.BUILDOUT_CORPUS ?? join(import.meta.dirname, "../../../shared/corpus");

export function hasCorpus(): boolean {
  return existsSync(join(CORPUS, "real-dev.jsonl.gz"));
}

export function* readCases(name: string): Generator<Case> {
  const bytes = gunzipSync(readFileSync(join(CORPUS, name)));
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    yield JSON.parse(bytes.toString("utf8", start, end)) as Case;
    start = end + 1;
  }
}

const PYTHON = "/opt/python/bin/python3.11";

/** zc.buildout's exception for each of our error codes. */
const EXCEPTIONS: Record<string, string[]> = {
  "missing-file": ["FileNotFoundError", "UserError"],
  "unreadable-file": ["IsADirectoryError", "NotADirectoryError", "PermissionError"],
  "missing-directory": ["FileNotFoundError", "NotADirectoryError"],
  "missing-section": ["MissingSection", "KeyError", "UserError"],
  "missing-option": ["MissingOption"],
  "missing-section-header": ["MissingSectionHeaderError"],
  "parse-error": ["ParsingError"],
  "not-utf8": ["UnicodeDecodeError"],
  "empty-option-name": ["IndexError"],
  "recursive-include": ["UserError", "RecursionError"],
  "invalid-value": ["UserError", "ValueError"],
  "invalid-reference": ["UserError"],
  "circular-reference": ["UserError"],
  "macro-loop": ["UserError"],
  "ambiguous-directory": ["UserError"],
  "invalid-extends-cache": ["ValueError"],
  "invalid-condition": [
    "UndefinedEnvironmentName",
    "NameError",
    "SyntaxError",
    "IndexError",
    "TypeError",
    "AttributeError",
    "ZeroDivisionError",
  ],
  "extended-by": ["UserError"],
  offline: ["UserError"],
  "missing-cache": ["UserError"],
  usage: ["TypeError", "SystemExit", "IndexError"],
};

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text.startsWith("b64:") ? Buffer.from(text.slice(4), "base64") : text);
}

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

class Difference extends Error {}

/** Throws the difference of two values, if there is one. */
export function same(what: string, expected: unknown, actual: unknown): void {
  if (expected === actual) return;
  const show = (value: unknown) => JSON.stringify(value)?.slice(0, 400);
  throw new Difference(`${what}: expected ${show(expected)}, got ${show(actual)}`);
}

export function sameText(what: string, expected: string, actual: string): void {
  const a = expected.split("\n");
  const b = actual.split("\n");
  for (let i = 0; i < Math.max(a.length, b.length); i++) same(`${what} line ${i + 1}`, a[i], b[i]);
}

/** Compares an error of ours, its message normalized, with an exception. */
export function sameError(expected: string, thrown: { code: string; message: string }): void {
  const colon = expected.indexOf(": ");
  const type = expected.slice(0, colon);
  if (!(EXCEPTIONS[thrown.code] ?? []).includes(type)) {
    throw new Difference(`expected ${expected}, got ${thrown.code}: ${thrown.message}`);
  }
  const exact = [
    "UserError",
    "MissingOption",
    "MissingSection",
    "ParsingError",
    "MissingSectionHeaderError",
  ];
  if (!exact.includes(type) || thrown.code === "recursive-include") return;
  same("message", expected.slice(colon + 2), thrown.message);
}

/** A case on the disk. */
export interface PlacedCase {
  base: string;
  home: string;
  /** The command line before the command. */
  args: string[];
  /** A text with the names that the corpus uses for these directories. */
  normal(text: string): string;
}

/** Writes only the files of a case into `folder`. `python` is the interpreter's path. */
export function place(wanted: Case, folder: string, python = PYTHON): PlacedCase {
  const base = join(folder, "base");
  const home = join(folder, "home");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(base, { recursive: true });
  mkdirSync(home, { recursive: true });
  for (const [path, text] of Object.entries(wanted.files)) write(join(base, path), text);
  for (const [url, text] of Object.entries(wanted.urls ?? {}))
    write(join(base, ".cache", md5(url)), text);
  for (const [path, text] of Object.entries(wanted.home ?? {})) write(join(home, path), text);
  return {
    base,
    home,
    args: wanted.args.map((text) => text.replaceAll("@BASE@", base).replaceAll("@HOME@", home)),
    normal: (text) =>
      text.replaceAll(python, "@PYTHON@").replaceAll(base, "@BASE@").replaceAll(home, "@HOME@"),
  };
}

/** The values as written that are expected of a section. */
function expectedRaw({ expected }: Case, name: string): Record<string, string> {
  const own = expected.raw![name]!;
  if (own !== "=annotated") return own;
  const annotated = Object.entries(expected.annotated![name]!);
  return Object.fromEntries(annotated.map(([option, { value }]) => [option, value]));
}

/** Compares the options of a section, or the error that it is. */
export function sameSection(
  wanted: Case,
  name: string,
  found: { options: ReadonlyMap<string, string> } | { code: string; message: string },
): void {
  const what = `resolved [${name}]`;
  const resolved = wanted.expected.resolved![name]!;
  if (resolved !== "=raw" && "error" in resolved) {
    if ("options" in found) throw new Difference(`${what}: expected ${resolved.error}, got none`);
    sameError(resolved.error, found);
    return;
  }
  if (!("options" in found)) throw new Difference(`${what}: expected ok, got ${found.message}`);
  const options = resolved === "=raw" ? expectedRaw(wanted, name) : resolved.ok;
  for (const [option, value] of Object.entries(options)) {
    same(`${what} ${option}`, value, found.options.get(option));
  }
  same(`${what} size`, Object.keys(options).length, found.options.size);
}

/** Runs the case; throws if the result differs from zc.buildout's. */
export async function runCase(
  wanted: Case,
  folder = join(tmpdir(), `buildout-corpus-${process.pid}`),
) {
  const { base, home, args, normal } = place(wanted, folder);
  const { expected } = wanted;
  let configuration: Configuration;
  let directory: string;
  const request = () => {
    const { assignments, userDefaults } = parseArguments(args);
    return {
      directory: join(base, dirname(wanted.main)),
      file: basename(wanted.main),
      assignments,
      userDefaults,
      env: { PATH: "/usr/bin:/bin", HOME: home, USER: "user", LC_ALL: "C.UTF-8" },
      executable: PYTHON,
      python: { facts: () => FACTS, evaluate: () => undefined },
    };
  };
  const notices: string[] = [];
  try {
    configuration = await load({ ...request(), notify: (notice) => notices.push(normal(notice)) });
    directory = initialize(configuration, new Sections(configuration)).require("directory");
  } catch (thrown) {
    if (expected.status === "ok") {
      const where = thrown instanceof BuildoutError ? thrown.code : (thrown as Error).stack;
      throw new Difference(`expected ok, got ${where}: ${normal(messageOf(thrown))}`);
    }
    sameError(expected.load_error!, normalError(thrown, normal));
    if (thrown instanceof BuildoutError && thrown.code !== "usage") {
      same("while", JSON.stringify(expected.while), JSON.stringify(thrown.while.map(normal)));
    }
    return;
  }
  if (expected.status !== "ok")
    throw new Difference(`expected ${expected.load_error}, got no error`);

  const show = shownSource(configuration, directory);
  const annotated = Object.entries(expected.annotated!);
  for (const [name, options] of annotated) {
    const mine = configuration.annotated.get(name);
    for (const [option, { value, source }] of Object.entries(options)) {
      const found = mine?.get(option);
      same(`[${name}] ${option}`, value, found && normal(found.value));
      same(`[${name}] ${option} source`, source, found && normal(show(latest(found).source)));
    }
    const names = [...(mine?.keys() ?? [])].sort().join(" ");
    same(`[${name}] options`, Object.keys(options).sort().join(" "), names);
  }
  same(
    "sections",
    annotated
      .map(([name]) => name)
      .sort()
      .join(" "),
    [...configuration.annotated.keys()].sort().join(" "),
  );
  const text = (verbose: boolean) =>
    normal(annotate(configuration, { verbose, sections: [], directory }));
  if (expected.annotate_text !== undefined)
    sameText("annotate", expected.annotate_text, text(false));
  same("annotate_sha256", expected.annotate_sha256, sha256(text(false)));
  if (expected.annotate_verbose_text !== undefined) {
    sameText("annotate -v", expected.annotate_verbose_text, text(true));
  } else same("annotate_verbose_sha256", expected.annotate_verbose_sha256, sha256(text(true)));
  same("notices", JSON.stringify(expected.notices ?? []), JSON.stringify(notices));

  for (const name of Object.keys(expected.raw!)) {
    const mine = configuration.sections.get(name);
    const options = Object.entries(expectedRaw(wanted, name));
    for (const [option, value] of options) {
      const found = mine?.get(option);
      same(`raw [${name}] ${option}`, value, found === undefined ? found : normal(found));
    }
    same(`raw [${name}] size`, options.length, mine?.size);
  }
  const sections = new Sections(configuration);
  initialize(configuration, sections);
  for (const name of Object.keys(expected.resolved!)) {
    sameSection(wanted, name, resolve(sections, name, normal));
  }
}

function normalError(thrown: unknown, normal: PlacedCase["normal"]) {
  if (!(thrown instanceof BuildoutError)) throw thrown;
  return { code: thrown.code, message: normal(thrown.message) };
}

function resolve(sections: Sections, name: string, normal: PlacedCase["normal"]) {
  try {
    const entries = sections.resolve(name).entries();
    return { options: new Map(entries.map(([option, value]) => [option, normal(value)])) };
  } catch (thrown) {
    return normalError(thrown, normal);
  }
}
