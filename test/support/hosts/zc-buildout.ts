import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeWheel } from "../wheel.ts";
import { aptSources, cacheFolder, withLock } from "./root.ts";

const execute = promisify(execFile);

/** A release of Debian whose zc.buildout supports current versions of Python. */
const RELEASE = "trixie";

/** The real zc.buildout as a wheel, built once from Debian's package. */
export async function cachedZcBuildout(): Promise<string> {
  const folder = join(cacheFolder(), `zc-buildout-${RELEASE}`);
  const found = await readdir(folder).catch(() => []);
  if (found.length > 0) return join(folder, found[0]!);
  await mkdir(cacheFolder(), { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    const [made] = await readdir(folder).catch(() => []);
    if (made !== undefined) return join(folder, made);
    const scratch = await mkdtemp(join(tmpdir(), "hostout-zc-buildout-"));
    try {
      await download(scratch);
      const part = join(scratch, "wheel");
      await pack(join(scratch, "usr/lib/python3/dist-packages"), part);
      await execute("cp", ["-r", part, `${folder}.part`]);
      await rename(`${folder}.part`, folder);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return join(folder, (await readdir(folder))[0]!);
  });
}

/** Unpacks the Debian package into `scratch`; apt checks its signatures. */
async function download(scratch: string): Promise<void> {
  const { mirror } = await aptSources();
  const key = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const list = join(scratch, "sources.list");
  await writeFile(list, `deb [signed-by=${key}] ${mirror} ${RELEASE} main\n`);
  for (const name of ["lists/partial", "debs"])
    await mkdir(join(scratch, name), { recursive: true });
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    "Dir::Etc::sourceparts=-",
    "Dir::Etc::preferencesparts=-",
    `Dir::State::lists=${join(scratch, "lists")}`,
    "Dir::Cache::pkgcache=",
    "Dir::Cache::srcpkgcache=",
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
  await execute("apt-get", [...options, "-q", "update"]);
  const inside = { cwd: join(scratch, "debs") };
  await execute("apt-get", [...options, "-q", "download", "python3-zc.buildout"], inside);
  const [deb] = await readdir(inside.cwd);
  await execute("dpkg-deb", ["-x", join(inside.cwd, deb!), scratch]);
}

async function pack(site: string, target: string): Promise<void> {
  const names = await readdir(site);
  const info = names.find((name) => /^zc[._]buildout-.*-info$/.test(name))!;
  const read = (file: string) => readFile(join(site, file), "utf8");
  const about = await read(join(info, info.endsWith(".dist-info") ? "METADATA" : "PKG-INFO"));
  const version = /^Version: (\S+)/m.exec(about)![1]!;
  const modules = (await readdir(join(site, "zc/buildout"))).filter((name) => name.endsWith(".py"));
  const files: Record<string, string> = {};
  for (const name of modules) files[`zc/buildout/${name}`] = await read(`zc/buildout/${name}`);
  writeWheel(target, "zc.buildout", version, {
    metadata: ["setuptools", "packaging", "pip", "wheel"].map((name) => `Requires-Dist: ${name}`),
    entryPoints: await read(join(info, "entry_points.txt")),
    files,
  });
}
