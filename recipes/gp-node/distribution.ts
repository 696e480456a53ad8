import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import {
  BuildoutError,
  download,
  downloadSettings,
  removeTemporary,
  unpackArchive,
} from "../../src/index.ts";
import type { NodePart } from "./options.ts";

const BINARY_URL = "https://nodejs.org/dist/v{v}/node-v{v}-{p}-{a}.tar.gz";

/** Node's names for processors that differ from those of its archives. */
const ARCHITECTURES: Record<string, string> = { ia32: "x86", arm: "armv7l" };

async function nodeDirectory({ options, buildout }: NodePart): Promise<string> {
  const own = options.get("node-directory");
  const common = (await buildout.section("buildout")).get("node-directory");
  const folder = own || common || path.join(buildout.partsDirectory, "buildout-node");
  return path.resolve(buildout.directory, folder);
}

/** `bin/node` of a distribution in a folder, at its top or one below. */
async function findNode(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  return ["", ...names.filter((name) => name.startsWith("node-")).sort()]
    .map((name) => path.join(folder, name, "bin/node"))
    .find((file) => existsSync(file));
}

function addressOf({ options }: NodePart): string {
  const given = options.get("url");
  if (given) return given;
  const words: Record<string, string> = {
    v: options.get("version") || process.versions.node,
    p: process.platform,
    a: ARCHITECTURES[process.arch] ?? process.arch,
  };
  const pattern = options.get("binary-url") || BINARY_URL;
  return pattern.replace(/\{([vpa])\}/g, (_, word: string) => words[word]!);
}

async function fetchNode(part: NodePart, folder: string): Promise<string> {
  const { buildout, log } = part;
  const url = addressOf(part);
  log.info(`Using binary distribution at ${url}`);
  const file = await download({ ...(await downloadSettings(buildout)), url, log: buildout.log });
  const unpacked = `${folder}.unpack`;
  try {
    await rm(unpacked, { recursive: true, force: true });
    await mkdir(unpacked, { recursive: true });
    await unpackArchive({ source: file.path, folder: unpacked, shown: url });
    for (const name of await readdir(unpacked)) {
      await mkdir(folder, { recursive: true });
      await rm(path.join(folder, name), { recursive: true, force: true });
      await rename(path.join(unpacked, name), path.join(folder, name));
    }
  } finally {
    await rm(unpacked, { recursive: true, force: true });
    await removeTemporary(file);
  }
  const node = await findNode(folder);
  if (node !== undefined) return node;
  const location = part.options.location("url");
  throw new BuildoutError("no-node", `There is no bin/node in ${url}.`, {
    ...(location && { location }),
    hint: "Build from source with zc.recipe.cmmi, and set the option 'binary' to its node.",
  });
}

/** The node executable of a part, downloaded if missing. Absolute. */
export async function provideNode(part: NodePart): Promise<string> {
  const binary = part.options.get("binary");
  if (binary) {
    const file = path.resolve(part.buildout.directory, binary);
    if (existsSync(file)) return file;
    const location = part.options.location("binary");
    throw new BuildoutError("missing-file", `There is no ${file}.`, {
      ...(location && { location }),
    });
  }
  const folder = await nodeDirectory(part);
  return (await findNode(folder)) ?? (await fetchNode(part, folder));
}
