/** diff: the differences between two releases, or what a deployment would change. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readOwnWords } from "../../arguments/own-words.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { Detail, FileChange, FileState } from "../../events/deployment.ts";
import { contentsScript, type KeptEntry, parseContents } from "../host/kept-files.ts";
import { withoutSecrets } from "../plan/hide-options.ts";
import type { BundleFile } from "../release/fileset.ts";
import { entryLine } from "../release/manifest.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { manifestOf, RELEASE_NUMBER } from "./kept-release.ts";
import { hostReleases } from "./upload.ts";

/** Maximum size of files to compare, in bytes. */
const LARGEST = 1 << 20;

/** How much of a changed file to show. */
export const DETAIL = {
  ...{ placeholder: "no|stat|full", called: "kind of diff" },
  choices: ["no", "stat", "full"] satisfies Detail[],
};

export const diffCommand: CommandDefinition = {
  name: "diff",
  releases: true,
  description: "Show the differences between two releases, or what a deployment would change",
  arguments: "[NUMBER] [NUMBER]",
  forms: { NUMBER: RELEASE_NUMBER },
  own: [
    {
      name: "diff",
      long: "diff",
      value: DETAIL,
      help: "How to show changed files; default: full",
    },
  ],
  help: "Without a NUMBER: compares the current release with what would be deployed now. With one: compares\nthat release with the current one. Changes nothing.",
  example: "diff 5 7",
  source: "collective.hostout",
  async run(context, args) {
    const { args: numbers, given } = readOwnWords(diffCommand, args.map(String));
    const detail = (given.get("diff") ?? "full") as Detail;
    const { from, to } = await endsOf(context, numbers.map(Number));
    const before = from === undefined ? NOTHING : await releaseSide(context, from);
    const after = to === undefined ? await localSide(context) : await releaseSide(context, to);
    const differences = await changes(before, after);
    const ends = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    context.session.emit({ type: "diff", ...ends, differences, detail });
    return differences.map(({ path }) => path);
  },
};

/** The releases to compare; if `to` is undefined, what would be deployed. */
async function endsOf(
  context: CommandContext,
  [first, second]: readonly number[],
): Promise<{ from: number | undefined; to: number | undefined }> {
  const { session, options } = context;
  const { kept } = await hostReleases(context);
  const { current } = await session.facts();
  const isKept = (number: number | undefined) => number !== undefined && kept.has(number);
  if (first === undefined) {
    return { from: isKept(current?.number) ? current?.number : undefined, to: undefined };
  }
  const to = second ?? current?.number;
  const missing = [first, to].find((number) => !isKept(number));
  if (isKept(first) && isKept(to)) return { from: first, to };
  throw new BuildoutError(
    "no-release",
    missing === undefined
      ? `${options.name} has no current release to compare with.`
      : `${options.name} has no release ${missing}.`,
    { hint: `Run 'bin/hostout ${options.name} releases' to list its releases.` },
  );
}

/** The files of a release, or of a future one. */
interface Side {
  /** `KIND MODE HASH` by path; that of the configuration is without the id of the release. */
  lines: ReadonlyMap<string, string>;
  statesOf(names: readonly string[]): Promise<Map<string, FileState>>;
}

const NOTHING: Side = { lines: new Map(), statesOf: async () => new Map() };

async function changes(before: Side, after: Side): Promise<FileChange[]> {
  const all = [...new Set([...before.lines.keys(), ...after.lines.keys()])].sort();
  const names = all.filter((name) => before.lines.get(name) !== after.lines.get(name));
  const of = (side: Side) => side.statesOf(names.filter((name) => side.lines.has(name)));
  const old = await of(before);
  const now = await of(after);
  return names.map((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    return { path, ...(was && { before: was }), ...(is && { after: is }) };
  });
}

/** The same configuration has different names in two releases. */
const nameOf = (path: string, id: string) =>
  path.endsWith(`-${id}.cfg`) ? path.replace(/[0-9a-f]{12}\.cfg$/, "RELEASE.cfg") : path;

async function localSide({ deployment }: CommandContext): Promise<Side> {
  const { id, files } = await deployment.release();
  const byName = new Map(files.map((file) => [nameOf(file.path, id), file]));
  return {
    lines: new Map([...byName].map(([name, file]) => [name, sumOf(entryLine(file))])),
    statesOf: async (names) => new Map(names.map((name) => [name, stateHere(byName.get(name)!)])),
  };
}

const sumOf = (line: string) => line.split(" ", 3).join(" ");

function stateHere({ kind, mode, size, link, content, source }: BundleFile): FileState {
  const state = { kind, mode: mode.toString(8), bytes: kind === "file" ? size : 0 };
  if (link !== undefined) return { ...state, text: link };
  if (kind === "directory" || size > LARGEST) return state;
  return { ...state, ...shown(content ?? readFileSync(source!), state.mode) };
}

async function releaseSide(context: CommandContext, number: number): Promise<Side> {
  const id = (await hostReleases(context)).kept.get(number)!;
  const manifest = await manifestOf(context, number);
  const byName = new Map([...manifest].map(([path, line]) => [nameOf(path, id), { path, line }]));
  return {
    lines: new Map([...byName].map(([name, { line }]) => [name, sumOf(line)])),
    async statesOf(names) {
      if (names.length === 0) return new Map();
      const files = names.map((name) => byName.get(name)!);
      const entries = await contentsOf(
        context,
        number,
        files.map(({ path }) => path),
      );
      return new Map(
        names.map((name, at) => {
          const state = stateThere(files[at]!.line, entries[at]!);
          if (state === undefined) throw damaged(context, number, files[at]!.path);
          return [name, state];
        }),
      );
    },
  };
}

/** Undefined if it does not match the manifest. */
function stateThere(line: string, { kind, bytes, content }: KeptEntry): FileState | undefined {
  const [wanted, mode = "", hash] = line.split(" ");
  if (kind !== wanted || kind === "none") return undefined;
  if (kind === "directory" || content === undefined) return { kind, mode, bytes };
  if (createHash("sha256").update(content).digest("hex") !== hash) return undefined;
  return {
    kind,
    mode,
    bytes,
    ...(kind === "link" ? { text: `${content}` } : shown(content, mode)),
  };
}

async function contentsOf(
  context: CommandContext,
  number: number,
  paths: readonly string[],
): Promise<KeptEntry[]> {
  const { session } = context;
  const { path } = await session.facts();
  const connection = await session.buildoutConnection();
  const pieces: Buffer[] = [];
  const result = await connection.sh(contentsScript(path, number, LARGEST), {
    ...{ signal: session.signal, keep: "end" },
    input: paths.map((one) => `${one}\0`).join(""),
    onBytes: (stream, bytes) => void (stream === "out" && pieces.push(bytes)),
  });
  const entries = parseContents(Buffer.concat(pieces), paths.length);
  if (entries !== undefined && result.code === 0) return entries;
  throw failed(`Reading release ${number}`, { ...result, stdout: "" });
}

/**
 * The text of a file without values of secret options. None if only its owner can read the file, or if it
 * contains control characters, which a terminal would execute.
 */
function shown(content: Buffer, mode: string): { text?: string } {
  if (isPrivate(mode) || !isUtf8(content)) return {};
  const text = withoutSecrets(content.toString("utf8"));
  return /(?![\t\n\r])\p{Cc}|\r(?!\n)/u.test(text) ? {} : { text };
}

const isPrivate = (mode: string) => mode.endsWith("00");

function damaged({ options }: CommandContext, number: number, path: string): BuildoutError {
  return new BuildoutError(
    "state-damaged",
    `'${path}' of release ${number} is damaged on ${options.name}.`,
    { hint: `Run 'bin/hostout ${options.name} verify', which repairs what it can.` },
  );
}
