/** How recipes fetch files: zc.buildout's `Download` (its manual, "Using the download utility"). */
import type { Hash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { copyFile, cp, link, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { cacheName as hashedName, shownUrl } from "../../config/download/downloader.ts";
import type { BuildoutContext } from "../../contract/recipe.ts";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Log } from "../../events/log.ts";
import type { Reporter } from "../../events/reporter.ts";
import { repr } from "../../pythonic/text.ts";
import { temporaryBeside, writeFileAtomically } from "../../system/write-atomically.ts";

/** A buildout's settings for downloads. */
export interface DownloadSettings {
  /** Where relative paths start. */
  directory: string;
  /** `download-cache`; undefined: keep nothing. */
  cache: string | undefined;
  offline: boolean;
  /** Milliseconds without data before a transfer fails. */
  timeout: number;
  /** Called for each download. */
  report?: Reporter<EngineEvent>;
}

export interface DownloadRequest extends DownloadSettings {
  /** A URL or the path of a file or folder. */
  url: string;
  /** Hexadecimal. */
  md5sum?: string | undefined;
  /** Where to put the file; by default, it stays where it is. */
  path?: string;
  /** Folder inside the cache. */
  namespace?: string;
  /** Use the MD5 of the URL as the name in the cache, not the last part of its path. */
  hashName?: boolean;
  /** Download even if it is in the cache, which is the fallback. */
  fallback?: boolean;
  log: Log;
}

/** A local file. */
export interface DownloadedFile {
  path: string;
  /** It is in its own directory, which `removeTemporary` removes. */
  temporary: boolean;
}

const TIMEOUT_SECONDS = 60;

/** The settings of a buildout: `download-cache`, `offline`, `install-from-cache`, `socket-timeout`. */
export async function downloadSettings(buildout: BuildoutContext): Promise<DownloadSettings> {
  const options = await buildout.section("buildout");
  const seconds = Number(options.get("socket-timeout") || TIMEOUT_SECONDS);
  return {
    directory: buildout.directory,
    cache: buildout.downloadCache,
    offline: buildout.offline || options.get("install-from-cache") === "true",
    timeout: 1000 * (seconds > 0 ? seconds : TIMEOUT_SECONDS),
    report: buildout.report,
  };
}

/**
 * Fetches a file, through the cache if there is one. Local files and directories stay in place. Throws
 * `checksum-mismatch`, `missing-cache`, `missing-file`, `offline`, `download-failed`.
 */
export async function download(request: DownloadRequest): Promise<DownloadedFile> {
  const { cache } = request;
  if (!cache) return await fetch(request, request.path);
  const cached = await viaCache(request, path.resolve(request.directory, cache));
  return { path: await placeAt(cached, request.path), temporary: false };
}

/** Removes a temporary file of `download` and its directory. */
export async function removeTemporary(file: DownloadedFile): Promise<void> {
  if (file.temporary) await rm(path.dirname(file.path), { recursive: true, force: true });
}

async function viaCache(request: DownloadRequest, cache: string): Promise<string> {
  const { url, md5sum, log } = request;
  if (!existsSync(cache)) {
    throw new BuildoutError(
      "missing-cache",
      `The directory:\n${repr(cache)}\nto be used as a download cache doesn't exist.\n`,
      { hint: `Create it, for instance with: mkdir -p ${cache}` },
    );
  }
  const folder = path.join(cache, request.namespace ?? "");
  await mkdir(folder, { recursive: true });
  const cached = path.join(folder, request.hashName ? await hashedName(url) : cacheName(url));
  log.debug(`Searching cache at ${folder}`);
  if (!existsSync(cached)) {
    log.debug(`Cache miss; will cache ${shownUrl(url)} as ${cached}`);
    await fetch(request, cached);
    return cached;
  }
  if (request.fallback) {
    try {
      await fetch(request, cached);
    } catch (error) {
      if (error instanceof BuildoutError && error.code === "checksum-mismatch") throw error;
      log.debug(messageOf(error));
    }
  }
  if (!(await hasChecksum(cached, md5sum))) {
    throw mismatch(
      `MD5 checksum mismatch for cached download from ${repr(shownUrl(url))} at ${repr(cached)}`,
      "If the checksum is right, remove the cached file.",
    );
  }
  log.debug(`Using cache file ${cached}`);
  return cached;
}

/** A new MD5 hash. Most parts need none: loading node:crypto takes a tenth of a short run. */
async function md5Hash(): Promise<Hash> {
  const { createHash } = await import("node:crypto");
  return createHash("md5");
}

/** The file for a URL in the cache. */
function cacheName(url: string): string {
  const { path: urlPath, host } = splitUrl(url);
  return (
    urlPath
      .split("/")
      .filter((name) => !/^\.*$/.test(name))
      .at(-1) ?? `${host}:`
  );
}

interface UrlParts {
  scheme: string;
  host: string;
  path: string;
}

/** As Python's `urlparse(url, "file")`: a path without scheme is a file. */
function splitUrl(url: string): UrlParts {
  const [, scheme = "file", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):)?(.*)$/is.exec(url) ?? [];
  const [, host = "", after = ""] = /^(?:\/\/([^/?#]*))?(.*)$/s.exec(rest) ?? [];
  return { scheme: scheme.toLowerCase(), host, path: after.replace(/[;?#].*$/s, "") };
}

/** Gets a file without the cache; copies it to `target`, if given. */
async function fetch(request: DownloadRequest, target?: string): Promise<DownloadedFile> {
  const { url, md5sum, log } = request;
  if (splitUrl(url).scheme === "file") {
    log.debug(`Using local resource ${url}`);
    const source = localPath(url, request.directory);
    if (!(await hasChecksum(source, md5sum))) {
      const shown = repr(splitUrl(url).path);
      throw mismatch(`MD5 checksum mismatch for local resource at ${shown}.`);
    }
    return { path: await placeAt(source, target), temporary: false };
  }
  const shown = shownUrl(url);
  if (request.offline) {
    throw new BuildoutError("offline", `Couldn't download ${repr(shown)} in offline mode.`, {
      hint: request.cache
        ? `It is not in the download cache, ${request.cache}.`
        : "Set 'download-cache' in [buildout] to keep downloads for later.",
    });
  }
  log.info(`Downloading ${shown}`);
  const bytes = await transfer(request);
  if (md5sum !== undefined && (await md5Hash()).update(bytes).digest("hex") !== md5sum) {
    throw mismatch(`MD5 checksum mismatch downloading ${repr(shown)}`);
  }
  if (target !== undefined) {
    writeFileAtomically(target, bytes);
    request.report?.({ type: "downloaded", url: shown, path: target, bytes: bytes.length });
    return { path: target, temporary: false };
  }
  const folder = await mkdtemp(path.join(tmpdir(), "buildout-"));
  const file = path.join(folder, cacheName(url));
  await writeFile(file, bytes);
  request.report?.({ type: "downloaded", url: shown, path: file, bytes: bytes.length });
  return { path: file, temporary: true };
}

async function transfer({ url, timeout }: DownloadRequest): Promise<Uint8Array> {
  const { get } = await import("../../config/download/http.ts");
  try {
    return await get(url, { env: process.env, timeout, signal: new AbortController().signal });
  } catch (cause) {
    const { downloadFailed } = await import("../../config/download/failure.ts");
    throw downloadFailed(`Error downloading extends for URL ${shownUrl(url)}`, cause);
  }
}

/** The file or directory of a path or `file:` URL. Throws `missing-file`. */
function localPath(url: string, directory: string): string {
  const plain = splitUrl(url).path;
  // The original takes `%20` literally, but users write it for a space.
  const spellings = [plain, url, decoded(plain)].map((name) => path.resolve(directory, name));
  const found = spellings.find((name) => existsSync(name));
  if (found !== undefined) return found;
  throw new BuildoutError("missing-file", `The file ${repr(spellings[0]!)} does not exist.`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function mismatch(message: string, hint?: string): BuildoutError {
  return new BuildoutError("checksum-mismatch", message, { ...(hint && { hint }) });
}

async function hasChecksum(file: string, md5sum: string | undefined): Promise<boolean> {
  if (md5sum === undefined) return true;
  if ((await stat(file)).isDirectory()) return false;
  const hash = await md5Hash();
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex") === md5sum;
}

/** The source itself, or a link or atomic copy at `target`. */
async function placeAt(source: string, target: string | undefined): Promise<string> {
  if (target === undefined || path.resolve(target) === source) return source;
  const temporary = temporaryBeside(target);
  try {
    if ((await stat(source)).isDirectory()) {
      await cp(source, temporary, { recursive: true });
      await rm(target, { recursive: true, force: true });
    } else await link(source, temporary).catch(() => copyFile(source, temporary));
    const { renameDurably } = await import("../../system/rename-durably.ts");
    await renameDurably(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
}
