/** Splits an installation directory of pip or uv into eggs: one directory per distribution. */
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import { syncTree } from "../../../system/rename-durably.ts";
import type { Interpreter } from "../interpreter.ts";
import { type Metadata, parseMetadata } from "../metadata.ts";
import { declaresNamespace } from "../namespaces.ts";
import { normalizeName } from "../requirement.ts";
import { parseEntryPoints } from "../scripts/entry-points.ts";
import { formatRecord, parseRecord, type RecordEntry } from "./record.ts";

/** A distribution in an installation directory. */
export interface Installed {
  metadata: Metadata;
  /** Name of its `.dist-info` folder. */
  info: string;
  record: RecordEntry[];
}

/** The name of an egg without `.egg`, as in zc.buildout 5 and setuptools. */
export function eggName(name: string, version: string, { version: python, platform }: Interpreter) {
  const part = (text: string) => text.replaceAll("-", "_");
  return `${part(name)}-${part(version)}-py${python}-${platform}`;
}

/** The distributions in an installation directory. */
export async function readInstalled(target: string): Promise<Installed[]> {
  const infos = (await readdir(target)).filter((name) => name.endsWith(".dist-info"));
  return Promise.all(
    infos.map(async (info) => ({
      metadata: parseMetadata(await readFile(join(target, info, "METADATA"), "utf8")),
      info,
      record: parseRecord(await readFile(join(target, info, "RECORD"), "utf8")),
    })),
  );
}

/** Names of distributions with conflicting files. */
export function findClashes(installed: readonly Installed[]): string[] {
  const owners = new Map<string, { hash: string; name: string }>();
  const clashing = new Set<string>();
  for (const { metadata, record } of installed) {
    for (const { path, hash } of record) {
      // Compiled files have no hash, but their sources do.
      if (/\.py[co]$/.test(path)) continue;
      const owner = owners.get(path);
      if (owner === undefined) owners.set(path, { hash, name: metadata.name });
      else if (owner.hash !== hash || hash === "") {
        clashing.add(owner.name);
        clashing.add(metadata.name);
      }
    }
  }
  return [...clashing];
}

/** The path of a file in the egg; undefined if eggs do not have it. */
function destination(path: string, info: string, scripts: ReadonlySet<string>): string | undefined {
  // uv's paths of scripts are relative to the directory itself.
  if (path.startsWith("bin/") && scripts.has(path.slice(4))) return undefined;
  const outside = /^(?:\.\.\/)+(.*)$/.exec(path)?.[1];
  if (outside === undefined) {
    // The origin is not part of the content.
    return basename(path) === "direct_url.json" && dirname(path) === info ? undefined : path;
  }
  const [top, ...rest] = outside.split("/");
  const name = rest.join("/");
  // Entry point scripts are written by recipes; others are stored as in eggs.
  if (top === "bin") return scripts.has(name) ? undefined : `${info}/scripts/${name}`;
  return top === "include" ? undefined : outside;
}

async function scriptNames(folder: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(folder, "entry_points.txt"), "utf8").catch(() => "");
  const groups = parseEntryPoints(text);
  return new Set(
    ["console_scripts", "gui_scripts"].flatMap((name) => [...(groups.get(name)?.keys() ?? [])]),
  );
}

/**
 * Directories whose only file is an `__init__.py` that declares a namespace package. Such files hide parts
 * of the namespace in other eggs.
 */
async function namespaceFiles(
  target: string,
  record: readonly RecordEntry[],
): Promise<Set<string>> {
  const files = record.map(({ path }) => path).filter((path) => !/\.py[co]$/.test(path));
  const perFolder = new Map<string, number>();
  for (const path of files) perFolder.set(dirname(path), (perFolder.get(dirname(path)) ?? 0) + 1);
  const found = new Set<string>();
  for (const path of files) {
    const folder = dirname(path);
    if (basename(path) !== "__init__.py" || folder === "." || perFolder.get(folder) !== 1) continue;
    if (!declaresNamespace(await readFile(join(target, path), "utf8"))) continue;
    found.add(path);
    const compiled = `${folder}/__pycache__/__init__.`;
    for (const entry of record) if (entry.path.startsWith(compiled)) found.add(entry.path);
  }
  return found;
}

/** Refuses paths outside the directory, which pip never creates from a wheel. */
function checkInside(path: string, { name, version }: Metadata): void {
  const clean = normalize(path);
  if (!clean.startsWith("../../") && !clean.startsWith("/")) return;
  throw new BuildoutError(
    "unsafe-archive",
    `${name} ${version} would write outside its own directory: ${path}`,
    { hint: "The archive is broken or malicious: check its origin." },
  );
}

/**
 * Creates the egg of one distribution in `workshop`; returns its directory. `shared` returns whether other
 * distributions have a file, too. Throws `unsafe-archive`.
 */
async function makeEgg(
  { metadata, info, record }: Installed,
  target: string,
  workshop: string,
  interpreter: Interpreter,
  shared: (path: string) => boolean,
): Promise<string> {
  // Names are made from the version as spelled in the archive, which is normalized.
  const version = info.slice(0, -".dist-info".length).replace(/^[^-]+-/, "");
  const wheel = await readFile(join(target, info, "WHEEL"), "utf8").catch(() => "");
  // A former egg that was converted to a wheel keeps its name, as in zc.buildout.
  const own = /^Egg: ([^/\s]+)\.egg$/m.exec(wheel)?.[1];
  const base = own ?? eggName(metadata.name, version, interpreter);
  const folder = join(workshop, `${base}.egg`);
  const newInfo = `${base}.dist-info`;
  await mkdir(folder);
  const scripts = await scriptNames(join(target, info));
  const namespaces = await namespaceFiles(
    target,
    record.filter(({ path }) => !path.startsWith("../../")),
  );
  const kept: RecordEntry[] = [];
  const folders = new Set<string>();
  for (const entry of record) {
    const inEgg = namespaces.has(entry.path) ? undefined : destination(entry.path, info, scripts);
    if (inEgg === undefined) continue;
    checkInside(inEgg, metadata);
    const path = inEgg.startsWith(`${info}/`) ? `${newInfo}${inEgg.slice(info.length)}` : inEgg;
    const source = join(target, entry.path.replace(/^(\.\.\/)+/, ""));
    if (statSync(source, { throwIfNoEntry: false })?.isFile() !== true) continue;
    if (path !== `${newInfo}/RECORD`) {
      const place = join(folder, path);
      if (!folders.has(dirname(place))) mkdirSync(dirname(place), { recursive: true });
      folders.add(dirname(place));
      // Thousands of small steps are faster synchronously.
      if (shared(entry.path)) copyFileSync(source, place);
      else renameSync(source, place);
    }
    kept.push({ ...entry, path });
  }
  await mkdir(join(folder, newInfo), { recursive: true });
  await writeFile(join(folder, newInfo, "RECORD"), formatRecord(kept));
  // Nothing checks it again: even after a power failure, it is complete.
  await syncTree(folder);
  return folder;
}

/** Moves an egg, made by `makeEggs`, to its place. Keeps an existing egg unless it is not a distribution. */
export async function moveEgg(folder: string, eggsDirectory: string): Promise<string> {
  const place = join(eggsDirectory, basename(folder));
  const info = basename(folder).replace(/\.egg$/, ".dist-info");
  if (
    existsSync(join(place, info, "METADATA")) ||
    existsSync(join(place, "EGG-INFO", "PKG-INFO"))
  ) {
    await rm(folder, { recursive: true });
    return place;
  }
  await rm(place, { recursive: true, force: true });
  await rename(folder, place);
  return place;
}

/** An egg on the disk, ready to be moved to its place. */
export interface MadeEgg {
  metadata: Metadata;
  folder: string;
}

/** All eggs of an installation directory, except excluded names. */
export async function makeEggs(
  target: string,
  workshop: string,
  interpreter: Interpreter,
  leftOut: ReadonlySet<string>,
): Promise<MadeEgg[]> {
  const installed = (await readInstalled(target)).filter(
    ({ metadata }) => !leftOut.has(normalizeName(metadata.name)),
  );
  const owners = new Map<string, number>();
  for (const { record } of installed) {
    for (const { path } of record) owners.set(path, (owners.get(path) ?? 0) + 1);
  }
  const shared = (path: string) => (owners.get(path) ?? 0) > 1;
  const eggs: MadeEgg[] = [];
  for (const one of installed) {
    const folder = await makeEgg(one, target, workshop, interpreter, shared);
    eggs.push({ metadata: one.metadata, folder });
  }
  return eggs;
}
