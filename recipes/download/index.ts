import { existsSync, lstatSync } from "node:fs";
import { chmod, copyFile, cp, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import {
  BuildoutError,
  type DownloadedFile,
  defineRecipe,
  download,
  downloadSettings,
  type ErrorCode,
  makeDirectory,
  type Part,
  partDirectory,
  removeTemporary,
  unpackArchive,
} from "../../src/index.ts";
import { fnmatch } from "./fnmatch.ts";

const SWITCHES = [
  "strip-top-level-dir",
  "ignore-existing",
  "download-only",
  "hash-name",
  "on-update",
] as const;

const options = {
  url: { required: true, description: "What to download: a URL, or the path of a file." },
  md5sum: { description: "MD5 checksum that the file must have." },
  destination: { description: "Where to unpack it; default: parts/NAME." },
  "strip-top-level-dir": { description: "`true`: strip the single top-level directory." },
  "ignore-existing": { description: "`true`: existing files are kept and are not an error." },
  "download-only": { description: "`true`: put the file itself in the destination." },
  filename: { description: "Its name there; default: the last part of the URL." },
  mode: { description: "Its permissions in octal." },
  "hash-name": { description: "`false`: keep it in the download cache under its own name." },
  "on-update": { description: "`true`: download it again in every run." },
  excludes: { type: "lines", description: "Patterns of names to leave out." },
} as const;

type DownloadPart = Part<typeof options>;
type Switch = (typeof SWITCHES)[number];

function isOn(part: DownloadPart, option: Switch): boolean {
  const value = part.options.require(option).trim();
  const on = ["yes", "true", "1", "on"];
  // The original parses this one more strictly.
  return on.includes(option === "hash-name" ? value : value.toLowerCase());
}

/** An error that is explained in the log under the part's name, as in the original. */
function refuse(part: DownloadPart, explanation: string, message: string, code: ErrorCode) {
  part.log.error(explanation);
  return new BuildoutError(code, message);
}

const absolute = (part: DownloadPart, name: string) => path.resolve(part.buildout.directory, name);

/** `os.path.join`, which does not normalize the directory. */
const joined = (folder: string, name: string) =>
  folder.endsWith("/") ? folder + name : `${folder}/${name}`;

function modeOf(part: DownloadPart): number | undefined {
  const text = part.options.get("mode");
  if (!text) return undefined;
  if (/^(0o)?[0-7]+$/i.test(text)) return Number.parseInt(text.replace(/^0o/i, ""), 8);
  const location = part.options.location("mode");
  throw new BuildoutError("invalid-value", `mode is '${text}', not an octal number.`, {
    ...(location && { location }),
    hint: "Write it as 0644 or 755.",
  });
}

/** Creates the destination. Returns it as a path of the part if it did not exist. */
async function makeDestination(part: DownloadPart, destination: string): Promise<string[]> {
  if (existsSync(absolute(part, destination))) return [];
  part.created(destination);
  makeDirectory(absolute(part, destination));
  return [destination];
}

function nameInUrl(url: string): string {
  const [, urlPath = ""] = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/[^/?#]*)?([^?#;]*)/i.exec(url) ?? [];
  return urlPath.slice(urlPath.lastIndexOf("/") + 1);
}

/** Puts the file itself in the destination. Returns the paths of the part. */
async function keepFile(part: DownloadPart, file: DownloadedFile): Promise<string[]> {
  const destination = part.options.require("destination");
  const name = part.options.get("filename") || nameInUrl(part.values.url);
  if (/^\.*$/.test(name)) {
    throw new BuildoutError(
      "missing-option",
      `The URL ${part.values.url} does not end in a file name.`,
      {
        hint: "Set the option 'filename'.",
      },
    );
  }
  if ((await stat(file.path)).isDirectory()) {
    throw new BuildoutError("is-directory", `${file.path} is a directory, not a file.`, {
      hint: "Without 'download-only', directories are copied.",
    });
  }
  const mode = modeOf(part);
  const owned = await makeDestination(part, destination);
  const target = joined(destination, name);
  if (owned.length === 0 && !existsSync(absolute(part, target))) part.created(target);
  await copyFile(file.path, absolute(part, target));
  if (mode !== undefined) await chmod(absolute(part, target), mode);
  return owned.length > 0 ? owned : [target];
}

/** The names in an unpacked archive to move to the destination, and their directory. */
async function contents(part: DownloadPart, folder: string) {
  const names = await readdir(folder);
  if (!isOn(part, "strip-top-level-dir")) return { base: folder, names };
  const base = path.join(folder, names[0] ?? "");
  if (names.length === 1 && lstatSync(base).isDirectory()) {
    return { base, names: await readdir(base) };
  }
  throw refuse(
    part,
    "Unable to strip top level directory because there are more than one element in the root of the package.",
    "Invalid package contents",
    "invalid-package",
  );
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  }
}

/** Whether the path exists, even as a broken link. */
const isThere = (file: string) => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

async function unpack(part: DownloadPart, file: DownloadedFile, folder: string): Promise<void> {
  const excludes = part.values.excludes ?? [];
  let excluded = 0;
  const include = (name: string) => {
    if (!excludes.some((pattern) => fnmatch(name, pattern))) return true;
    part.log.debug(`Excluding ${name.replace(/\/+$/, "")}`);
    excluded++;
    return false;
  };
  try {
    await unpackArchive({
      source: file.path,
      folder,
      shown: part.values.url,
      include: excludes.length === 0 ? undefined : include,
      linkLevels: isOn(part, "strip-top-level-dir") ? 1 : 0,
    });
  } catch (error) {
    if (!(error instanceof BuildoutError) || error.code !== "unknown-archive") throw error;
    const explanation = `Unable to extract the package ${file.path}. Unknown format.`;
    throw refuse(part, explanation, "Package extraction error", error.code);
  }
  if (excluded > 0) part.log.info(`Excluding ${excluded} file(s) matching the exclusion pattern.`);
}

/** Unpacks the archive into the destination. Returns the paths of the part. */
async function extract(part: DownloadPart, file: DownloadedFile): Promise<string[]> {
  const { log, buildout } = part;
  const destination = part.options.require("destination");
  const folder = path.join(buildout.partsDirectory, `.${part.name.replaceAll("/", "-")}.unpack`);
  await rm(folder, { recursive: true, force: true });
  part.created(folder); // If this fails, the engine removes it.
  makeDirectory(folder);
  await unpack(part, file, folder);
  const { base, names } = await contents(part, folder);
  const owned = await makeDestination(part, destination);
  log.info(`Extracting package to ${destination}`);
  const ignoring = isOn(part, "ignore-existing");
  const targets = names.map((name) => ({ name, target: joined(destination, name) }));
  const existing = targets.filter(({ target }) => isThere(absolute(part, target)));
  if (existing.length > 0 && !ignoring) {
    throw refuse(
      part,
      `Target ${existing[0]!.target} already exists. Either remove it or set ` +
        "``ignore-existing = true`` in your buildout.cfg to ignore existing files and directories.",
      "File or directory already exists.",
      "already-exists",
    );
  }
  for (const { target } of existing) log.info(`Ignoring existing target: ${target}`);
  for (const { name, target } of targets.filter((item) => !existing.includes(item))) {
    if (!owned.includes(destination)) part.created(target);
    owned.push(target);
    await move(path.join(base, name), absolute(part, target));
  }
  await rm(folder, { recursive: true, force: true });
  return owned;
}

async function install(part: DownloadPart): Promise<string[]> {
  const { buildout, values } = part;
  const file = await download({
    ...(await downloadSettings(buildout)),
    url: values.url,
    md5sum: values.md5sum,
    hashName: isOn(part, "hash-name"),
    log: buildout.log,
  });
  try {
    return await (isOn(part, "download-only") ? keepFile(part, file) : extract(part, file));
  } finally {
    await removeTemporary(file);
  }
}

export default defineRecipe({
  description: "Downloads an archive and unpacks it, or a file.",
  options,
  readsOnlyDeclared: true,
  init(part) {
    const { options: own } = part;
    const given = own.get("destination");
    if (given === undefined) own.set("destination", partDirectory(part));
    own.set("location", own.require("destination"));
    for (const option of SWITCHES) {
      if (!own.has(option)) own.set(option, option === "hash-name" ? "true" : "false");
    }
    own.set("filename", (own.get("filename") ?? "").trim());
    const mode = own.get("mode");
    if (mode) own.set("mode", mode.trim());
    modeOf(part);
  },
  install,
  settled: (part) => (isOn(part, "on-update") ? undefined : []),
  async update(part) {
    if (isOn(part, "on-update")) await install(part);
  },
});
