import { BuildoutError } from "../../errors/error.ts";
import { fileIn, within } from "../../pythonic/path.ts";

/**
 * What happened to an option's value: set first, set again by a later file,
 * lines added (`+=`) or removed (`-=`), or made an absolute directory.
 */
export type Operation = "SET" | "OVERRIDE" | "ADD" | "REMOVE" | "DIRECTORY";

/** One step of an option's history for display. */
export interface HistoryItem {
  operation: Operation;
  value: string;
  /** A file, a URL, or one of the uppercase names below. */
  source: string;
  line: number | undefined;
}

/** Sources that are not files. */
export const DEFAULT_VALUE = "DEFAULT_VALUE";
export const COMPUTED_VALUE = "COMPUTED_VALUE";
export const COMMAND_LINE_VALUE = "COMMAND_LINE_VALUE";
export const IMPLICIT_VALUE = "IMPLICIT_VALUE";

interface Step extends HistoryItem {
  previous: History | undefined;
}

/**
 * What a whole extended file did to the option when it is merged again: `steps` are shared by all its
 * visits, with sources relative to `folder`.
 */
interface Visit {
  folder: string;
  steps: History;
  previous: History | undefined;
}

/** A history that is computed on demand; `newest` is its latest step. */
interface Occurrences {
  newest: HistoryItem;
  all: () => Iterable<HistoryItem>;
}

/** Newest first; never changed, so that all options and merges can share it. */
export type History = Step | Visit | Occurrences;

/** An option with its value and history. Immutable: each operation returns a new one. */
export interface Option {
  readonly value: string;
  readonly history: History;
}

export interface Origin {
  source: string;
  line?: number | undefined;
}

export function step(
  operation: Operation,
  value: string,
  origin: Origin,
  previous: History | undefined,
): History {
  return { operation, value, source: origin.source, line: origin.line, previous };
}

/** The source of a step within a visit, as seen from outside. */
function located(folder: string, source: string): string {
  return isNamedSource(source) ? source : fileIn(folder, source);
}

export function isNamedSource(source: string): boolean {
  return (
    source === DEFAULT_VALUE ||
    source === COMPUTED_VALUE ||
    source === COMMAND_LINE_VALUE ||
    source === IMPLICIT_VALUE
  );
}

/** The steps of a history, newest first. Visits inside visits are opened with a stack, not by recursion. */
export function* newestFirst(history: History): Generator<HistoryItem> {
  const waiting: { rest: History | undefined; folder: string }[] = [];
  let here: History | undefined = history;
  let folder = "";
  for (;;) {
    if (here === undefined) {
      const outer = waiting.pop();
      if (outer === undefined) return;
      here = outer.rest;
      folder = outer.folder;
    } else if ("steps" in here) {
      waiting.push({ rest: here.previous, folder });
      folder = within(folder, here.folder);
      here = here.steps;
    } else if ("all" in here) {
      yield* here.all();
      here = undefined;
    } else {
      const { operation, value, source, line }: Step = here;
      yield { operation, value, source: folder === "" ? source : located(folder, source), line };
      here = here.previous;
    }
  }
}

/** The latest step. */
export function latest({ history }: Option): HistoryItem {
  if ("operation" in history) return history;
  if ("newest" in history) return history.newest;
  return newestFirst(history).next().value as HistoryItem;
}

/** `option` with a history that is computed on demand. */
export function occurrences({ value, history }: Option, all: Occurrences["all"]): Option {
  return { value, history: { newest: latest({ value, history }), all } };
}

export function setOption(value: string, origin: Origin): Option {
  return { value, history: step("SET", value, origin, undefined) };
}

/** Maximum characters of a value: files that extend each other twice double it on each level. */
const MAX_LENGTH = 2 ** 26;

/** The lines of `value` followed by those of `added`. Throws `value-too-long`. */
export function withLines(value: string, added: string): string {
  if (value.length + added.length > MAX_LENGTH) throw tooLong();
  return `${value}\n${added}`;
}

export function tooLong(): BuildoutError {
  return new BuildoutError("value-too-long", "An option grows endlessly through '+='.", {
    hint: "Check whether several files extend the one that adds to it.",
  });
}

/** `base` with the lines of `added` appended. */
export function addLines(base: Option, added: string, origin: Origin): Option {
  return {
    value: withLines(base.value, added),
    history: step("ADD", added, origin, base.history),
  };
}

/** The lines of `value` that are not exactly a line of `removed`. */
export function withoutLines(value: string, removed: string): string {
  const gone = new Set(removed.split("\n"));
  return value
    .split("\n")
    .filter((line) => !gone.has(line))
    .join("\n");
}

export function removeLines(base: Option, removed: string, origin: Origin): Option {
  return {
    value: withoutLines(base.value, removed),
    history: step("REMOVE", removed, origin, base.history),
  };
}

/** `base` as a later file's `next` leaves it. */
export function overrideOption(base: Option, next: Option): Option {
  const { operation, source, line } = latest(next);
  // If `next` was made from `base` by + or -, its history contains the base's.
  if (operation === "ADD" || operation === "REMOVE") return next;
  return {
    value: next.value,
    history: step("OVERRIDE", next.value, { source, line }, base.history),
  };
}

export function makeDirectory(base: Option, directory: string): Option {
  const { source, line } = latest(base);
  return {
    value: directory,
    history: step("DIRECTORY", directory, { source, line }, base.history),
  };
}

/** `base` followed by the effect of one more visit of a file. */
export function visitAgain(
  value: string,
  steps: History,
  folder: string,
  previous: History | undefined,
): Option {
  return { value, history: { folder, steps, previous } };
}
