import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const SCRIPT = path.join(import.meta.dirname, "pack-debian-wheels.py");
const JSON_TYPE = "application/vnd.pypi.simple.v1+json";

/** Why there can be no index here: it consists of Debian's packages. In CI, that is a failure. */
export const indexMissing = ["apt-get", "dpkg-deb", "python3"]
  .filter((command) => spawnSync(command, ["--version"]).error !== undefined)
  .map((command) => `${command} is missing: the test index is made of Debian's packages`)[0];
if (indexMissing !== undefined && process.env.CI) {
  throw new Error(`In CI nothing may be skipped: ${indexMissing}`);
}

export interface PackageIndexOptions {
  /** Only these of Debian's distributions, by any spelling of their names. */
  only?: readonly string[];
  /** Wheels and sdists that are offered too. */
  extra?: readonly string[];
  /** Names of files that are withdrawn (PEP 592). */
  yanked?: readonly string[];
  /** The index asks for this name and password (basic authentication). */
  login?: { user: string; password: string };
  /** Called before each request is answered. */
  onRequest?(): void;
}

export interface PackageIndex {
  /** The root of the simple index (PEP 503 and 691, with PEP 658 metadata): for `index =`. */
  url: string;
  /** A directory with the same files: for `find-links =`. */
  folder: string;
  /** `METHOD /path` of each request so far. */
  requests: string[];
  close(): Promise<void>;
}

/** The directory with wheels of Debian's packages, which is made at the first request. */
export async function debianWheels(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
  const hash = createHash("sha256").update(readFileSync(SCRIPT)).digest("hex").slice(0, 12);
  const folder = path.join(cache, "hostout-tests", `wheels-${hash}`);
  await promisify(execFile)("python3", [SCRIPT, folder]);
  return folder;
}

/** Name of the project that a wheel or sdist belongs to, as PEP 503 normalizes it. */
function projectOf(file: string): string {
  const base = file.endsWith(".whl")
    ? file.slice(0, file.indexOf("-"))
    : file.replace(/-[^-]*$/, "");
  return normalized(base);
}

function normalized(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

interface Offer {
  filename: string;
  url: string;
  hashes: { sha256: string };
  "requires-python"?: string;
  "core-metadata"?: { sha256: string };
  yanked?: string;
}

const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");

async function readOffers(folder: string): Promise<Map<string, Offer[]>> {
  const projects = new Map<string, Offer[]>();
  const names = (await readdir(folder)).sort();
  for (const filename of names) {
    if (filename.endsWith(".metadata")) continue;
    const data = await readFile(path.join(folder, filename));
    const offer: Offer = {
      filename,
      url: `/files/${encodeURIComponent(filename)}`,
      hashes: { sha256: sha256(data) },
    };
    if (names.includes(`${filename}.metadata`)) {
      const metadata = await readFile(path.join(folder, `${filename}.metadata`));
      offer["core-metadata"] = { sha256: sha256(metadata) };
      const python = /^Requires-Python: *(.+)$/m.exec(metadata.toString("utf8"))?.[1];
      if (python !== undefined) offer["requires-python"] = python;
    }
    const project = projectOf(filename);
    projects.set(project, [...(projects.get(project) ?? []), offer]);
  }
  return projects;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(links: readonly string[]): string {
  return `<!DOCTYPE html>\n<html><body>\n${links.join("\n")}\n</body></html>\n`;
}

function link(offer: Offer): string {
  const attributes = [`href="${offer.url}#sha256=${offer.hashes.sha256}"`];
  const python = offer["requires-python"];
  if (python !== undefined) attributes.push(`data-requires-python="${escaped(python)}"`);
  const metadata = offer["core-metadata"];
  if (metadata !== undefined) {
    attributes.push(`data-dist-info-metadata="sha256=${metadata.sha256}"`);
    attributes.push(`data-core-metadata="sha256=${metadata.sha256}"`);
  }
  if (offer.yanked !== undefined) attributes.push(`data-yanked="${escaped(offer.yanked)}"`);
  return `<a ${attributes.join(" ")}>${offer.filename}</a>`;
}

/**
 * A package index on loopback, with wheels of Debian's packages and the given ones. This process serves it, so
 * a test must not wait for a program synchronously (`execaSync`).
 */
export async function startPackageIndex(options: PackageIndexOptions = {}): Promise<PackageIndex> {
  const { only, extra = [], yanked = [], login, onRequest } = options;
  const wanted = only?.map(normalized);
  const folder = await mkdtemp(path.join(tmpdir(), "hostout-index-"));
  // With nothing of Debian's wanted, an index can be had on any system.
  const debian = wanted?.length === 0 ? undefined : await debianWheels();
  for (const name of debian === undefined ? [] : await readdir(debian)) {
    if (wanted?.includes(projectOf(name)) === false) continue;
    await copyFile(path.join(debian!, name), path.join(folder, name));
  }
  for (const file of extra) await copyFile(file, path.join(folder, path.basename(file)));
  const projects = await readOffers(folder);
  for (const offer of [...projects.values()].flat()) {
    if (yanked.includes(offer.filename)) offer.yanked = "broken";
  }
  const requests: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    requests.push(`${request.method} ${pathname}`);
    onRequest?.();
    const send = (status: number, type: string, body: string | Buffer) => {
      const length = Buffer.byteLength(body);
      response.writeHead(status, { "Content-Type": type, "Content-Length": length });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    if (login !== undefined) {
      const token = Buffer.from(`${login.user}:${login.password}`).toString("base64");
      if (request.headers.authorization !== `Basic ${token}`) {
        response.setHeader("WWW-Authenticate", 'Basic realm="index"');
        return send(401, "text/plain", "Who are you?\n");
      }
    }
    const asJson = request.headers.accept?.includes(JSON_TYPE) === true;
    const meta = { "api-version": "1.0" };
    if (pathname === "/simple/") {
      const names = [...projects.keys()].sort();
      if (asJson) {
        const listed = names.map((name) => ({ name }));
        return send(200, JSON_TYPE, JSON.stringify({ meta, projects: listed }));
      }
      return send(200, "text/html", page(names.map((name) => `<a href="${name}/">${name}</a>`)));
    }
    const project = /^\/simple\/([^/]+)\/?$/.exec(pathname)?.[1];
    if (project !== undefined) {
      const name = normalized(decodeURIComponent(project));
      const files = projects.get(name);
      if (files === undefined) return send(404, "text/plain", "No such project\n");
      if (pathname !== `/simple/${name}/`) {
        response.writeHead(301, { Location: `/simple/${name}/` }).end();
        return;
      }
      if (asJson) return send(200, JSON_TYPE, JSON.stringify({ meta, name, files }));
      return send(200, "text/html", page(files.map(link)));
    }
    const file = /^\/files\/([^/]+)$/.exec(pathname)?.[1];
    if (file !== undefined) {
      const name = path.basename(decodeURIComponent(file));
      const data = await readFile(path.join(folder, name)).catch(() => undefined);
      if (data !== undefined) return send(200, "application/octet-stream", data);
    }
    send(404, "text/plain", "Not found\n");
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error as Error));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/simple/`,
    folder,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
