/** Names of projects in an index or directory, for suggestions. */
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { get } from "../../../config/download/http.ts";
import type { Search } from "../search.ts";

/** Milliseconds: the list of a small index arrives at once, and that of a large one is not worth waiting for. */
const PATIENCE = 3000;

function projectOf(file: string): string | undefined {
  const match =
    /^(.+?)-[^-]+(?:-[^-]+)?-[^-]+-[^-]+-[^-]+\.whl$/.exec(file) ??
    /^(.+)-[^-]+?\.(?:tar\.\w+|tgz|zip)$/.exec(file);
  return match?.[1];
}

async function read(url: string): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE);
  const bytes = await get(url, { env: process.env, timeout: PATIENCE, signal, retries: 0 });
  return Buffer.from(bytes).toString("utf8");
}

function anchors(html: string): string[] {
  return [...html.matchAll(/<a\b[^>]*>([^<]*)<\/a>/gi)].map(([, text = ""]) => text.trim());
}

/** PEP 503 and PEP 691. */
async function indexProjects(url: string): Promise<string[]> {
  if (url.startsWith("file:")) return readdirSync(fileURLToPath(url));
  const text = await read(url.endsWith("/") ? url : `${url}/`);
  if (!text.startsWith("{")) return anchors(text);
  return (JSON.parse(text) as { projects: { name: string }[] }).projects.map(({ name }) => name);
}

async function linkProjects(url: string): Promise<string[]> {
  const files = url.startsWith("file:")
    ? readdirSync(fileURLToPath(url))
    : anchors(await read(url));
  return files.map((file) => projectOf(basename(file))).filter((name) => name !== undefined);
}

export interface ProjectNames {
  names: string[];
  /** The host of an index that does not answer at all. */
  unreachable: string | undefined;
  /** The host of an index that requires a login. */
  refused: string | undefined;
}

const NO_ANSWER = /^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** All names available without a long wait. */
export async function projectNames({ index, findLinks }: Search): Promise<ProjectNames> {
  const [first, ...others] = await Promise.allSettled([
    index === undefined ? [] : indexProjects(index),
    ...findLinks.map(linkProjects),
  ]);
  const names = [first!, ...others].flatMap((list) =>
    list.status === "fulfilled" ? list.value : [],
  );
  const { code = "", message = "" } = first!.status === "rejected" ? first!.reason : {};
  const host = index && URL.canParse(index) ? new URL(index).host : undefined;
  return {
    names,
    unreachable: NO_ANSWER.test(code) ? host : undefined,
    refused: /^HTTP Error 40[13]\b/.test(message) ? host : undefined,
  };
}
