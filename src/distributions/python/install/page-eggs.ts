/**
 * Eggs linked on web pages: the page of a project in an index, and pages in find-links. Installers no
 * longer support them, so they are the last resort.
 */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { get } from "../../../config/download/http.ts";
import { BuildoutError } from "../../../errors/error.ts";
import { disallowed } from "../installers/allow-hosts.ts";
import { eggAt, type FoundEgg } from "../installers/eggs.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Search } from "../search.ts";

/** Milliseconds without data; the installer has just read the same pages. */
const TIMEOUT = 10_000;

/** An egg whose `path` is its URL. */
export interface PageEgg extends FoundEgg {
  /** The URL of the file, without its fragment. */
  address: URL;
}

async function read(url: string, retries?: number): Promise<Buffer> {
  const signal = new AbortController().signal;
  const tries = retries === undefined ? {} : { retries };
  return Buffer.from(await get(url, { env: process.env, timeout: TIMEOUT, signal, ...tries }));
}

/** The targets of links on a page; none if there is no such page. */
async function linksOf(page: string): Promise<URL[]> {
  if (/\.(egg|whl|zip|gz|bz2|tgz)$/.test(page)) return [new URL(page)];
  let html: string;
  try {
    html = (await read(page, 0)).toString("utf8");
  } catch {
    // The installer has looked there, too, and its error reports it.
    return [];
  }
  return [...html.matchAll(/<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi)]
    .map(([, double, single, bare]) => (double ?? single ?? bare ?? "").replaceAll("&amp;", "&"))
    .filter((link) => URL.canParse(link, page))
    .map((link) => new URL(link, page));
}

/** The eggs of a project on all pages, including unusable ones. */
export async function eggsOnPages(
  { index, findLinks }: Search,
  interpreter: Interpreter,
  allowHosts: readonly string[],
  key: string,
): Promise<PageEgg[]> {
  const pages = [
    ...(index === undefined ? [] : [`${index.replace(/\/*$/, "/")}${key}/`]),
    ...findLinks,
  ].filter((page) => /^https?:/.test(page));
  const links = (await Promise.all(pages.map((page) => linksOf(page)))).flat();
  const found = new Map<string, PageEgg>();
  for (const address of links) {
    if (disallowed(address.href, allowHosts) !== undefined) continue;
    const egg = eggAt(decodeURIComponent(address.pathname), interpreter);
    if (egg?.key === key) found.set(address.href, { ...egg, path: address.href, address });
  }
  return [...found.values()];
}

/** Throws `hash-mismatch`. */
function check(bytes: Buffer, address: URL): void {
  const [, algorithm, expected] = /^#(md5|sha\d+)=([0-9a-f]+)$/.exec(address.hash) ?? [];
  if (algorithm === undefined || expected === undefined) return;
  const found = createHash(algorithm).update(bytes).digest("hex");
  if (found === expected) return;
  const name = basename(address.pathname);
  throw new BuildoutError(
    "hash-mismatch",
    `The archive ${name} does not have the expected content.`,
    {
      hint: `Expected ${algorithm} ${expected}, got ${found}: it was damaged in transit, or somebody replaced it.`,
    },
  );
}

/** Downloads the usable ones and returns them as files. Throws `hash-mismatch`. */
export async function downloadEggs(eggs: readonly PageEgg[], folder: string): Promise<FoundEgg[]> {
  const usable = eggs.filter(({ obstacle }) => obstacle === undefined);
  return Promise.all(
    usable.map(async ({ address, path: _, ...egg }) => {
      const bytes = await read(address.href);
      check(bytes, address);
      const path = join(folder, basename(decodeURIComponent(address.pathname)));
      await writeFile(path, bytes);
      return { ...egg, path };
    }),
  );
}
