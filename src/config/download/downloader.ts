/** Configurations from URLs, with the `extends-cache` before or after the network. */
import { existsSync, readFileSync } from "node:fs";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { join } from "../../pythonic/path.ts";
import { repr } from "../../pythonic/text.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import { readLocal } from "../syntax/local-file.ts";
import type { Env, Transfer } from "./http.ts";

/** The text from a URL, and the file it is stored in, if any. */
export interface Downloaded {
  bytes: Uint8Array;
  path: string | undefined;
}

/** Gets the bytes at a URL; the default is HTTP and HTTPS. */
export type Get = (url: string, transfer: Transfer) => Promise<Uint8Array>;

/** The download settings in a file's `[buildout]`, as far as known. */
export type DownloadOptions = ReadonlyMap<string, string>;

/** The default socket-timeout: a server that is silent for this long will not answer. */
const TIMEOUT_SECONDS = 60;

async function httpGet(url: string, transfer: Transfer): Promise<Uint8Array> {
  const { get } = await import("./http.ts");
  return await get(url, transfer);
}

/** A URL for messages, without a password. */
export function shownUrl(url: string): string {
  return url.replace(/^([^/]*\/\/)[^/?#]*@/, "$1");
}

/** The name of a URL's file in the extends-cache. */
export async function cacheName(url: string): Promise<string> {
  const { createHash } = await import("node:crypto");
  return createHash("md5").update(url).digest("hex");
}

export class Downloader {
  private readonly env: Env;
  private readonly directory: string;
  private readonly getter: Get;
  private readonly onStale: (url: string, reason: string) => void;
  private readonly started = new Map<string, Promise<Downloaded>>();
  private readonly stop = new AbortController();

  /** `directory`: the working directory; `onStale` is called when a cached copy replaces a failed download. */
  constructor(
    env: Env,
    directory: string,
    getter: Get | undefined,
    onStale: (url: string, reason: string) => void,
  ) {
    this.env = env;
    this.directory = directory;
    this.getter = getter ?? httpGet;
    this.onStale = onStale;
  }

  /** Starts a download ahead of time; errors are reported on request. */
  prefetch(url: string, options: DownloadOptions): void {
    if (this.started.has(url)) return;
    const download = this.fetch(url, options, false);
    download.catch(() => {});
    this.started.set(url, download);
  }

  /**
   * The text at a URL; `again`: it was read before in this run, so the cache is current. Throws `offline`,
   * `missing-cache`, `download-failed`, and for a `file://` URL `missing-file`, `unreadable-file`.
   */
  download(url: string, options: DownloadOptions, again: boolean): Promise<Downloaded> {
    const started = this.started.get(url);
    this.started.delete(url);
    return started ?? this.fetch(url, options, again);
  }

  /** Aborts pending downloads. */
  close(): void {
    this.stop.abort();
  }

  private async fetch(url: string, options: DownloadOptions, again: boolean): Promise<Downloaded> {
    const cache = options.get("extends-cache") ?? "";
    if (cache === "") return { bytes: await this.read(url, options), path: undefined };
    const folder = join(this.directory, join(options.get("directory") ?? "", cache));
    if (!existsSync(folder)) {
      throw new BuildoutError(
        "missing-cache",
        `The directory:\n${repr(folder)}\nto be used as a download cache doesn't exist.\n`,
        { hint: `Create it, for instance with: mkdir -p ${folder}` },
      );
    }
    const path = join(folder, await cacheName(url));
    const newest = options.get("newest") === "true" && !again;
    if (!existsSync(path)) {
      const bytes = await this.read(url, options);
      writeFileAtomically(path, bytes);
      return { bytes, path };
    }
    if (newest && !isOffline(options)) {
      try {
        writeFileAtomically(path, await this.read(url, options));
      } catch (error) {
        this.onStale(shownUrl(url), messageOf(error));
      }
    }
    return { bytes: readFileSync(path), path };
  }

  private async read(url: string, options: DownloadOptions): Promise<Uint8Array> {
    if (url.startsWith("file://")) {
      // As in zc.buildout, its path is not unquoted.
      const path = url.slice("file://".length).replace(/^[^/]*|[?#].*$/gs, "");
      return readLocal(path, path, undefined);
    }
    if (isOffline(options)) {
      throw new BuildoutError(
        "offline",
        `Couldn't download ${repr(shownUrl(url))} in offline mode.`,
      );
    }
    const seconds = Number(options.get("socket-timeout") || TIMEOUT_SECONDS);
    try {
      return await this.getter(url, {
        env: this.env,
        timeout: 1000 * (seconds > 0 ? seconds : TIMEOUT_SECONDS),
        signal: this.stop.signal,
      });
    } catch (cause) {
      const { downloadFailed } = await import("./failure.ts");
      throw downloadFailed(
        `Error downloading extends for URL ${shownUrl(url)}`,
        cause,
        "Set 'extends-cache' to a directory to keep downloaded files.",
      );
    }
  }
}

function isOffline(options: DownloadOptions): boolean {
  return options.get("offline") === "true" || options.get("install-from-cache") === "true";
}
