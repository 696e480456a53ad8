import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { api, BuildoutError, quote, type ReleaseContents } from "../../../src/index.ts";

/** Directories of a deployment: local, on the host, and local for eggs and downloads. */
export interface Places {
  staging: string;
  path: string;
  cache: string;
}

/**
 * The directories from the options. Throws `invalid-option`, and `staging-is-project` for a directory that
 * contains the project.
 */
export function places(): Places {
  const option = (name: string) => String(api.env[name] ?? "").trim();
  const path = option("path");
  const named = option("staging").replace(/\/+$/, "");
  const staging = named === "" ? path : resolve(api.project.directory, named);
  for (const folder of [path, staging]) {
    if (/^\/[\w./+@-]+$/.test(folder)) continue;
    throw new BuildoutError("invalid-option", `'${folder}' cannot be a directory to push.`, {
      hint: "Set 'path' and 'staging' to absolute paths with plain characters.",
    });
  }
  const way = relative(staging, api.project.directory);
  if (way.split("/")[0] !== ".." && !isAbsolute(way)) {
    throw new BuildoutError("staging-is-project", `${staging} contains this project itself.`, {
      hint: "Set the option 'staging' to another directory.",
    });
  }
  return { staging, path, cache: join(staging, "buildout-cache") };
}

/** Writes everything that the build in the staging directory needs; returns the release's data. */
export async function writeStaging(
  release: ReleaseContents,
  staging: string,
  cache: string,
): ReturnType<ReleaseContents["writeTo"]> {
  const written = await release.writeTo(staging);
  const dist = join(cache, "downloads/dist");
  for (const folder of [dist, join(staging, "bin"), join(staging, "var")]) {
    mkdirSync(folder, { recursive: true });
  }
  for (const { file } of release.packages) {
    const target = join(dist, basename(file));
    if (!existsSync(target)) copyFileSync(file, target);
  }
  return written;
}

/**
 * The shell commands that build in the staging directory, in order. In addition to `pip`, they read a
 * requirements file with `places` and their logins.
 */
export function buildCommand(
  { configuration, engine, python }: Pick<ReleaseContents, "configuration" | "engine" | "python">,
  kind: string,
  pip: readonly string[],
  { places, netrc }: { places: string; netrc: string | undefined },
): string[] {
  const options = `-c ${quote(configuration)}`;
  if (kind !== "python") return [`${quote(process.execPath)} ${quote(engine)} ${options}`];
  const install = pip.map(quote).join(" ");
  const logins = netrc === undefined ? "" : `NETRC=${quote(netrc)} `;
  return [
    `[ -x bin/python ] || ${quote(python)} -m venv .`,
    `${logins}bin/python -m pip --disable-pip-version-check install -q -r ${quote(places)} ${install}`,
    `bin/buildout ${options}`,
  ];
}
