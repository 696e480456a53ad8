/** download: the files of a release on the host, checked against its manifest. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { join as remoteJoin } from "node:path/posix";
import { pipeline } from "node:stream/promises";
import { readOwnWords } from "../../arguments/own-words.ts";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { makeDirectory } from "../../system/make-directory.ts";
import { type Entry, parseEntry } from "../host/entry.ts";
import { keepersScript } from "../host/kept-files.ts";
import { STATE } from "../host/probe.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { manifestOf, RELEASE_NUMBER } from "./kept-release.ts";
import { hostReleases } from "./upload.ts";

export const downloadCommand: CommandDefinition = {
  name: "download",
  fetches: true,
  releases: true,
  description: "Download the files of a release from the host",
  arguments: "NUMBER DIRECTORY",
  forms: { NUMBER: RELEASE_NUMBER },
  own: [],
  help: "DIRECTORY must be new or empty. It appears when all files are complete and match the SHA-256 in the\nrelease's manifest.",
  example: "download 5 release-5",
  source: "collective.hostout",
  async run(context, args) {
    const [number, directory] = readOwnWords(downloadCommand, args.map(String)).args;
    await download(context, Number(number), resolve(directory!));
  },
};

async function download(context: CommandContext, number: number, directory: string): Promise<void> {
  const { session, options } = context;
  const { kept } = await hostReleases(context);
  if (!kept.has(number)) {
    throw new BuildoutError("no-release", `${options.name} has no release ${number}.`, {
      hint: `Run 'bin/hostout ${options.name} releases' to list its releases.`,
    });
  }
  const lines = [...(await manifestOf(context, number)).values()];
  const entries = lines.flatMap((line) => parseEntry(line) ?? []);
  await refuseUsed(directory);
  const scratch = await scratchBeside(directory);
  try {
    const trees = await fetchTrees(context, number, scratch);
    const made = join(scratch, "made");
    await mkdir(made);
    // Links last, so that nothing is written through one.
    const links = entries.filter(({ kind }) => kind === "link");
    for (const entry of [...entries.filter(({ kind }) => kind !== "link"), ...links]) {
      if (await takeFirst(entry, trees, made)) continue;
      throw new BuildoutError(
        "state-damaged",
        `'${entry.path}' of release ${number} is damaged on ${options.name}.`,
        { hint: `Run 'bin/hostout ${options.name} verify', which repairs what it can.` },
      );
    }
    await rename(made, directory);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  session.note(
    `Release ${number} (${kept.get(number)}) is in ${directory}: ${entries.length} files`,
  );
}

/** Throws `local-not-writable` if putting a directory there would overwrite something. */
async function refuseUsed(directory: string): Promise<void> {
  try {
    if ((await readdir(directory)).length === 0) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw notWritable(directory, messageOf(error));
  }
  throw notWritable(directory, "it is not empty");
}

async function scratchBeside(directory: string): Promise<string> {
  try {
    makeDirectory(dirname(directory));
    return await mkdtemp(join(dirname(directory), ".hostout-download-"));
  } catch (error) {
    throw notWritable(directory, messageOf(error));
  }
}

function notWritable(directory: string, why: string): BuildoutError {
  return new BuildoutError("local-not-writable", `Cannot write ${directory}: ${why}.`, {
    hint: "Choose a new or empty directory.",
  });
}

/** Downloads the directories that have the files of a release into `scratch`, and returns where these are. */
async function fetchTrees(
  { session }: CommandContext,
  number: number,
  scratch: string,
): Promise<string[]> {
  const { path } = await session.facts();
  const connection = await session.buildoutConnection();
  const { signal } = session;
  const result = await connection.sh(keepersScript(path, number), { signal });
  if (result.code !== 0) throw failed(`Looking for the files of release ${number}`, result);
  const trees: string[] = [];
  for (const keeper of result.stdout.split("\n").filter((line) => KEEPER.test(line))) {
    const there = remoteJoin(path, STATE, "releases", keeper);
    const here = join(scratch, keeper);
    await mkdir(here);
    await fetchTree(connection, there, here, signal);
    trees.push(join(here, "tree"));
  }
  return trees;
}

const KEEPER = /^\d+(\.0)*(\.left)?$/;

/** Downloads `tree` below `there`; if there still is an archive, that. */
async function fetchTree(
  connection: HostConnection,
  there: string,
  here: string,
  signal: AbortSignal,
): Promise<void> {
  for (const name of ["whole.tar", "whole.tgz"]) {
    const archive = remoteJoin(there, name);
    if (!(await connection.exists(archive))) continue;
    const { unpackArchive } = await import("../../buildout/kit/archive/unpack.ts");
    const file = join(here, name);
    await connection.get(archive, file, { signal });
    return unpackArchive({ source: file, folder: here, shown: archive });
  }
  await connection.getDirectory(remoteJoin(there, "tree"), join(here, "tree"), signal);
}

/** Moves an entry from the first of these directories that has it. Returns false if none has. */
async function takeFirst(entry: Entry, trees: readonly string[], to: string): Promise<boolean> {
  if (entry.kind === "directory") {
    await mkdir(join(to, entry.path), { recursive: true });
    return true;
  }
  for (const tree of trees) {
    if (await take(entry, tree, to)) return true;
  }
  return false;
}

/** Moves an entry from one directory to the other. Returns false if it is not as expected. */
async function take({ kind, mode, hash, path }: Entry, from: string, to: string): Promise<boolean> {
  const source = join(from, path);
  const target = join(to, path);
  try {
    if (!(await isBelowDirectories(from, path))) return false;
    const stats = await lstat(source);
    await mkdir(dirname(target), { recursive: true });
    if (kind === "link") {
      if (!stats.isSymbolicLink()) return false;
      const text = await readlink(source);
      if (createHash("sha256").update(text).digest("hex") !== hash) return false;
      await symlink(text, target);
      return true;
    }
    if (!stats.isFile() || (await hashOf(source)) !== hash) return false;
    await chmod(source, Number.parseInt(mode, 8));
    await rename(source, target);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "EEXIST", "EISDIR"].includes(code)) return false;
    throw error;
  }
}

/** Whether no directory above a downloaded path is a link. */
async function isBelowDirectories(from: string, path: string): Promise<boolean> {
  for (let above = dirname(path); above !== "."; above = dirname(above)) {
    if (!(await lstat(join(from, above))).isDirectory()) return false;
  }
  return true;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
