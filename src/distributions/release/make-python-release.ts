/** Apart from python-release.ts: most releases find that nothing has changed, and do not load this. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { isVersion } from "../../pythonic/version.ts";
import { readPyproject } from "../python/develop/pyproject.ts";
import { packArchive } from "./archive.ts";
import { byPath, type ContentFile, contentHash, readContent } from "./content-hash.ts";
import {
  asksVersionControl,
  buildWheel,
  inScratch,
  makeRepository,
  type PythonBuild,
  projectName,
  versionInPlace,
  writeTree,
} from "./python-build.ts";
import { type RewrittenWheel, rewriteWheel, wrapping } from "./python-wheel.ts";
import { allFiles } from "./sources.ts";

/** The files of a package that are in its own sdist or wheel; all if unknown. */
async function ownFiles(
  content: readonly ContentFile[],
  list: string,
  wheel: RewrittenWheel,
): Promise<ContentFile[]> {
  let sdist: string[];
  try {
    sdist = JSON.parse(await readFile(list, "utf8")) as string[];
  } catch {
    return [...content];
  }
  const own = new Set([...sdist, ...wheel.files, ...wheel.files.map((name) => `src/${name}`)]);
  return content.filter((file) => own.has(file.path));
}

/** SOURCES.txt of setuptools: names the files if there is no version control. */
async function listedSources(tree: string): Promise<ContentFile[]> {
  const names = (await allFiles(tree)).filter((name) => /\.egg-info\/SOURCES\.txt$/.test(name));
  return readContent(tree, names);
}

interface Made {
  hash: string;
  wheel: RewrittenWheel;
  /** Base name and bytes of a file for the directory of releases. */
  file: string;
  data: Buffer;
}

/** Builds a package from its content: a wheel if it is for all platforms, else an sdist. */
export function makeRelease(
  build: PythonBuild,
  folder: string,
  content: readonly ContentFile[],
  tracked: boolean,
): Promise<Made> {
  const { executable } = build;
  return inScratch(async (scratch) => {
    readPyproject(folder); // its errors have a line
    const tree = path.join(scratch, "tree");
    const list = path.join(scratch, "sdist.json");
    const asks = asksVersionControl(content);
    const version = asks ? await versionInPlace(build, folder, scratch) : undefined;
    const name = projectName(content, folder);
    await writeTree(tree, content);
    if (!tracked) await writeTree(tree, wrapping(content, { list }));
    if (asks) await makeRepository(tree);
    const out = path.join(scratch, "wheel");
    const built = await buildWheel(build, tree, out, { name, source: folder, version });
    // Without version control, the wheel determines the package's files.
    const first = tracked ? undefined : await rewriteWheel(executable, built, "h0", scratch);
    const own = first === undefined ? content : await ownFiles(content, list, first);
    const hash = contentHash(own);
    const released = path.join(scratch, "released");
    const wheel = await rewriteWheel(executable, built, `h${hash}`, released);
    if (!isVersion(wheel.declared)) {
      throw new BuildoutError(
        "invalid-package",
        `The version of ${wheel.name}, '${wheel.declared}', is not valid according to PEP 440.`,
        { location: { file: folder }, hint: "Use a version such as 1.0 or 1.0.dev0." },
      );
    }
    if (wheel.pure) {
      const data = await readFile(path.join(released, wheel.file));
      return { hash, wheel, file: wheel.file, data };
    }
    const added = [
      ...wrapping(own, { local: `h${hash}` }),
      ...(asks ? await listedSources(tree) : []),
      { path: "PKG-INFO", executable: false, data: Buffer.from(wheel.metadata) },
    ];
    const files = new Map([...own, ...added].map((file) => [file.path, file]));
    const top = wheel.file.split("-").slice(0, 2).join("-");
    const data = await packArchive(top, [...files.values()].sort(byPath));
    return { hash, wheel, file: `${top}.tar.gz`, data };
  });
}
