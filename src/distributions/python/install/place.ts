/** Turns what pip or uv installed into one folder into eggs: one folder for each distribution. */
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import { renameDurably } from "../../../system/rename-durably.ts";
import type { Interpreter } from "../interpreter.ts";
import { type Metadata, parseMetadata } from "../metadata.ts";
import { declaresNamespace } from "../namespaces.ts";
import { normalizeName } from "../requirement.ts";
import { parseEntryPoints } from "../scripts/entry-points.ts";
import { formatRecord, parseRecord, type RecordEntry } from "./record.ts";

/** A distribution in a folder that pip filled. */
export interface Installed {
  metadata: Metadata;
  /** Name of its `.dist-info` folder. */
  info: string;
  record: RecordEntry[];
}

/** The name of an egg without `.egg`, as zc.buildout 5 and setuptools form it. */
export function eggName(name: string, version: string, { version: python, platform }: Interpreter) {
  const part = (text: string) => text.replaceAll("-", "_");
  return `${part(name)}-${part(version)}-py${python}-${platform}`;
}

/** The distributions that were installed into a folder. */
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

/** Names of distributions that have a file in the same place with different content. */
export function findClashes(installed: readonly Installed[]): string[] {
  const owners = new Map<string, { hash: string; name: string }>();
  const clashing = new Set<string>();
  for (const { metadata, record } of installed) {
    for (const { path, hash } of record) {
      // What is compiled has no hash, and is made of a file that has one.
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

/** Where a file of the folder goes in the egg; undefined for what an egg does not have. */
function destination(path: string, info: string, scripts: ReadonlySet<string>): string | undefined {
  // uv counts the scripts from the folder itself.
  if (path.startsWith("bin/") && scripts.has(path.slice(4))) return undefined;
  const outside = /^(?:\.\.\/)+(.*)$/.exec(path)?.[1];
  if (outside === undefined) {
    // Where it came from says nothing about what it is.
    return basename(path) === "direct_url.json" && dirname(path) === info ? undefined : path;
  }
  const [top, ...rest] = outside.split("/");
  const name = rest.join("/");
  // Scripts of entry points are written by whoever asks for them; others are kept as eggs keep them.
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
 * Folders whose only file is an `__init__.py` that declares a namespace package. Such files hide
 * the parts of the namespace that are in other eggs.
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

/** Paths that lead out of the folder are not what pip makes of a wheel: refused. */
function checkInside(path: string, { name, version }: Metadata): void {
  const clean = normalize(path);
  if (!clean.startsWith("../../") && !clean.startsWith("/")) return;
  throw new BuildoutError(
    "unsafe-archive",
    `${name} ${version} wants to write outside its own folder: ${path}`,
    { hint: "The archive is broken or hostile: look at where it comes from." },
  );
}

/**
 * Makes the egg of one distribution in `workshop`; gives its folder. `shared` tells of the files
 * that other distributions have too. Throws `unsafe-archive`.
 */
async function makeEgg(
  { metadata, info, record }: Installed,
  target: string,
  workshop: string,
  interpreter: Interpreter,
  shared: (path: string) => boolean,
): Promise<string> {
  // The version as the archive spells it, which is normalized, is what the names are made of.
  const version = info.slice(0, -".dist-info".length).replace(/^[^-]+-/, "");
  const wheel = await readFile(join(target, info, "WHEEL"), "utf8").catch(() => "");
  // What was an egg before it was handed over as a wheel keeps its name, as with zc.buildout.
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
      // Thousands of small steps: one after the other is quicker than by promises.
      if (shared(entry.path)) copyFileSync(source, place);
      else renameSync(source, place);
    }
    kept.push({ ...entry, path });
  }
  await mkdir(join(folder, newInfo), { recursive: true });
  await writeFile(join(folder, newInfo, "RECORD"), formatRecord(kept));
  return folder;
}

/** Moves an egg to its place. What is there already stays, unless it is no distribution. */
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
  await renameDurably(folder, place);
  return place;
}

/** All eggs of a folder that pip filled, but for those whose names are left out. */
export async function makeEggs(
  target: string,
  workshop: string,
  interpreter: Interpreter,
  leftOut: ReadonlySet<string>,
): Promise<{ metadata: Metadata; folder: string }[]> {
  const installed = (await readInstalled(target)).filter(
    ({ metadata }) => !leftOut.has(normalizeName(metadata.name)),
  );
  const owners = new Map<string, number>();
  for (const { record } of installed) {
    for (const { path } of record) owners.set(path, (owners.get(path) ?? 0) + 1);
  }
  const shared = (path: string) => (owners.get(path) ?? 0) > 1;
  const eggs: { metadata: Metadata; folder: string }[] = [];
  for (const one of installed) {
    const folder = await makeEgg(one, target, workshop, interpreter, shared);
    eggs.push({ metadata: one.metadata, folder });
  }
  return eggs;
}
