import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { DevelopPackage } from "../distribution.ts";
import { portableDependencies, readManifest } from "./manifest.ts";
import type { Archive } from "./package-archive.ts";

/** The inputs of an installation: while they are the same, npm has nothing to do. */
export interface StampInput {
  packages: readonly string[];
  versions: ReadonlyMap<string, string>;
  allowPicked: boolean;
  developPackages: readonly DevelopPackage[];
  archives: ReadonlyMap<string, Archive>;
  node: string;
}

/** Stored in `node_modules` itself, so that it is removed with it. */
export interface Stamp {
  /** The part of `StampInput` about packages in the tree. */
  key: string;
  /** Names of all packages in the tree. */
  names: string[];
  /** Develop packages linked entry by entry: directory -> its entries. */
  mirrored: Record<string, string[]>;
}

const STAMP_FILE = ".hostout-stamp.json";

/** Compiled modules are for one major version of Node on one kind of machine. */
async function runtimeOf(node: string): Promise<string> {
  const machine = `${process.platform} ${process.arch}`;
  if (node === process.execPath) return `${machine} ${process.versions.modules}`;
  const { size, mtimeMs } = statSync(node);
  return `${machine} ${node} ${size} ${mtimeMs}`;
}

/** A pin's package: `ms` of `ms` and of `ms@2.0.0`. */
const pinnedName = (option: string) => option.replace(/(?<=.)@[^@]*$/, "");

/** The inputs of an installation of the packages `names`. */
export async function stampKey(input: StampInput, names: readonly string[]): Promise<string> {
  const inTree = new Set(names);
  const develop = await Promise.all(
    input.developPackages
      .filter(({ kind, name }) => kind === "node" && inTree.has(name))
      .map(async ({ folder }) => {
        const manifest = await readManifest(folder);
        if (manifest === undefined) return [folder];
        const { name, version, peerDependenciesMeta } = manifest;
        return [folder, name, version, portableDependencies(manifest), peerDependenciesMeta];
      }),
  );
  const facts = [
    input.packages,
    [...input.versions].filter(([option]) => inTree.has(pinnedName(option))).sort(),
    input.allowPicked,
    develop,
    [...input.archives.values()].filter(({ name }) => inTree.has(name)),
    await runtimeOf(input.node),
  ];
  return JSON.stringify(facts);
}

/** The entries of a develop package's directory to link. */
export async function mirroredEntries(folder: string): Promise<string[]> {
  const entries = readdirSync(folder);
  return entries.filter((name) => name !== "node_modules" && name !== ".git").sort();
}

export function stampFile(folder: string): string {
  return path.join(folder, "node_modules", STAMP_FILE);
}

/** Whether `folder/node_modules` is up to date with `input`. */
export async function isUpToDate(folder: string, input: StampInput): Promise<boolean> {
  let stamp: Stamp;
  try {
    stamp = JSON.parse(readFileSync(stampFile(folder), "utf8")) as Stamp;
  } catch {
    return false; // nothing installed, or not by us: npm reinstalls it
  }
  if (stamp.key !== (await stampKey(input, stamp.names))) return false;
  for (const [source, entries] of Object.entries(stamp.mirrored)) {
    const now = await mirroredEntries(source).catch(() => []);
    if (now.join("\0") !== entries.join("\0")) return false;
  }
  return true;
}
