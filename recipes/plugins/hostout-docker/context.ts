/** The context of `docker build`: a Dockerfile and the files that it copies. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, join } from "node:path";
import { join as remoteJoin } from "node:path/posix";
import { BuildoutError, type ReleaseContents, writeFileAtomically } from "../../../src/index.ts";
import { BUILDOUT, ENGINE, MARK, PACKAGES } from "./dockerfile.ts";

const PROGRAM = 0o750;
const FILE = 0o640;

/** Throws `not-ours` if the directory contains such files made by somebody else. */
export function checkFolder(folder: string): void {
  const isOurs = (file: string) => readFileSync(file, "utf8").startsWith(MARK);
  const files = ["Dockerfile", ".dockerignore"].map((name) => join(folder, name));
  const there = files.filter((file) => existsSync(file));
  const bundle = join(folder, "bundle");
  const foreign =
    there.find((file) => !isOurs(file)) ??
    (there.length === 0 && existsSync(bundle) ? bundle : undefined);
  if (foreign === undefined) return;
  throw new BuildoutError("not-ours", `${foreign} was not created by this command.`, {
    hint: "Choose another directory: bin/hostout HOST dockerfile DIRECTORY",
  });
}

/** Writes everything except the Dockerfile; returns the release's data. */
export async function writeBundle(
  folder: string,
  release: ReleaseContents,
  path: string,
): ReturnType<ReleaseContents["writeTo"]> {
  mkdirSync(folder, { recursive: true });
  writeFileAtomically(join(folder, ".dockerignore"), `${MARK}\n*\n!bundle\n`, 0o644);
  const written = await release.writeTo(join(folder, BUILDOUT));
  writePackages(join(folder, PACKAGES), release.packages);
  writeEngine(join(folder, ENGINE), release.engine, path);
  setModes(join(folder, "bundle"));
  return written;
}

function writePackages(folder: string, packages: ReleaseContents["packages"]): void {
  rmSync(folder, { recursive: true, force: true });
  if (packages.length > 0) mkdirSync(folder, { recursive: true });
  for (const { file } of packages) copyFileSync(file, join(folder, basename(file)));
}

/** The engine for Node and its launcher, as in the buildout directory of the image. */
function writeEngine(folder: string, engine: string, path: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const name of [".hostout", "bin"]) mkdirSync(join(folder, name), { recursive: true });
  copyFileSync(engine, join(folder, ".hostout/engine.cjs"));
  const launcher = `#!/bin/sh\nexec node ${remoteJoin(path, ".hostout/engine.cjs")} "$@"\n`;
  writeFileAtomically(join(folder, "bin/buildout"), launcher, PROGRAM);
}

/** The same permissions whatever the local umask: COPY preserves them in the image. */
function setModes(folder: string): void {
  chmodSync(folder, PROGRAM);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) setModes(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? PROGRAM : FILE);
  }
}
