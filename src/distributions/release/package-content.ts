import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { lastLines, type ProcessResult } from "../../system/process.ts";
import type { Manifest } from "../node/manifest.ts";
import { runNpm } from "../node/npm.ts";
import { type ContentFile, readContent, withGitLineEndings } from "./content-hash.ts";

/** Whether npm runs a script of the package before it packs it. */
export function hasBuildScript(manifest: Manifest): boolean {
  return manifest.scripts?.prepack !== undefined || manifest.scripts?.prepare !== undefined;
}

function packFailed(name: string, folder: string, result: ProcessResult): BuildoutError {
  const status = result.exitCode === undefined ? "was stopped" : `exit status ${result.exitCode}`;
  return new BuildoutError("build-failed", `Building ${name} failed: npm pack, ${status}.`, {
    location: { file: path.join(folder, "package.json") },
    hint: /not found|Cannot find (module|package)/.test(result.all)
      ? `If development dependencies are missing, run 'npm install' in ${folder}.`
      : undefined,
    output: lastLines(result.all),
  });
}

/** Names of the files in `npm pack`, by `files`, `.npmignore` and npm's own rules. */
async function packedNames(manifest: Manifest, folder: string): Promise<string[]> {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"];
  const result = await runNpm(args, folder, process.execPath);
  if (result.exitCode !== 0) throw packFailed(manifest.name, folder, result);
  const [report] = Object.values(JSON.parse(result.stdout) as Record<string, unknown>) as [
    { files: { path: string }[] },
  ];
  return report.files.map((file) => file.path);
}

/**
 * The content of a package without build scripts: the files that npm would pack. In a git repository, files
 * that git ignores are left out, unless the package's own `files` lists them (a build's output) or they are
 * bundled dependencies.
 */
export async function folderContent(
  manifest: Manifest,
  folder: string,
  known: readonly string[] | undefined,
): Promise<ContentFile[]> {
  const inGit = known === undefined ? undefined : new Set(known);
  const names = (await packedNames(manifest, folder)).filter(
    (name) =>
      inGit === undefined ||
      inGit.has(name) ||
      manifest.files !== undefined ||
      name.startsWith("node_modules/"),
  );
  return readContent(folder, names);
}

/**
 * The content of a package with a `prepack` or `prepare` script: the result of `npm pack`, which runs the
 * scripts in the package's directory. Throws `build-failed` with their output.
 */
export async function builtContent(manifest: Manifest, folder: string): Promise<ContentFile[]> {
  const target = await mkdtemp(path.join(tmpdir(), "hostout-pack-"));
  try {
    const args = ["pack", "--pack-destination", target, "--loglevel=error"];
    const result = await runNpm(args, folder, process.execPath);
    const [archive] = await readdir(target);
    if (result.exitCode !== 0 || archive === undefined) {
      throw packFailed(manifest.name, folder, result);
    }
    return await withGitLineEndings(folder, await readArchive(path.join(target, archive)));
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}

async function readArchive(file: string): Promise<ContentFile[]> {
  const { list } = await import("tar");
  const files: ContentFile[] = [];
  await list({
    file,
    strict: true,
    onReadEntry(entry) {
      if (entry.type !== "File" && entry.type !== "OldFile") return;
      const chunks: Buffer[] = [];
      entry.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
      entry.on("end", () => {
        const name = entry.path.slice(entry.path.indexOf("/") + 1);
        const executable = ((entry.mode ?? 0) & 0o100) !== 0;
        files.push({ path: name, executable, data: Buffer.concat(chunks) });
      });
    },
  });
  return files;
}
