import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import path from "node:path";
import { BuildoutError, type Part, words } from "../../src/index.ts";
import { readEnvironment } from "./environment.ts";

export const OPTIONS = {
  url: {
    required: true,
    description: "The sources: a URL, or the path of an archive or directory.",
  },
  md5sum: { description: "MD5 checksum that the archive must have." },
  extra_options: { description: "Further options of configure." },
  environment: { description: "`NAME=value ...` for the commands." },
  patch: { description: "URL or path of a patch." },
  patch_options: { description: "Options of the patch program; default -p0." },
  "patch-md5sum": { description: "MD5 checksum that the patch must have." },
  autogen: { description: "A script in the sources that makes `configure`." },
  "source-directory-contains": {
    description: "A file that marks the source directory; default configure.",
  },
  "configure-command": { description: "Default ./configure." },
  "configure-options": { description: 'Instead of --prefix="LOCATION".' },
  shared: { description: "An existing directory, or `true`: below the download cache." },
  executable: {
    description: "For other parts with `python = NAME`: the interpreter that is built.",
  },
  location: { description: "The directory for the part; default: that of all parts." },
} as const;

export type CmmiPart = Part<typeof OPTIONS>;

/** The parsed options of a part. */
export interface Recipe {
  url: string;
  md5sum: string | undefined;
  extraOptions: string;
  environment: Record<string, string>;
  patch: string;
  patchOptions: string;
  patchMd5sum: string | undefined;
  autogen: string;
  /** A file that marks the directory to build in. */
  marker: string;
  configureCommand: string;
  configureOptions: string | undefined;
}

const oneLine = (text: string) => words(text).join(" ");

/** Throws `missing-option` and `invalid-value`. */
export function readRecipe({ options }: CmmiPart): Recipe {
  const configureOptions = options.get("configure-options");
  return {
    url: options.require("url"),
    md5sum: options.get("md5sum"),
    extraOptions: oneLine(options.get("extra_options") ?? ""),
    environment: readEnvironment(options),
    patch: options.get("patch") ?? "",
    patchOptions: options.get("patch_options") ?? "-p0",
    patchMd5sum: options.get("patch-md5sum"),
    autogen: options.get("autogen") ?? "",
    marker: options.get("source-directory-contains") ?? "configure",
    configureCommand: options.get("configure-command") ?? "./configure",
    configureOptions: configureOptions === undefined ? undefined : oneLine(configureOptions),
  };
}

/** The original's name of a shared build: it differs if the build would. */
function stateHash(recipe: Recipe): string {
  const { url, extraOptions, autogen, patch, patchOptions, environment } = recipe;
  const variables = Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1));
  const state = [url, extraOptions, autogen, patch, patchOptions, ...variables.flat()];
  return createHash("sha1").update(state.join("")).digest("hex");
}

/** The destination of the part's build. */
export interface Destination {
  location: string;
  shared: boolean;
}

/** `os.path.join`, which does not normalize the directory. */
const joined = (folder: string, name: string) =>
  folder.endsWith("/") ? folder + name : `${folder}/${name}`;

/** Throws `missing-option` for a shared build without a directory. */
export function destinationOf(part: CmmiPart, recipe: Recipe): Destination {
  const { options, buildout, name } = part;
  const shared = options.get("shared");
  if (!shared) {
    return {
      location: joined(options.get("location") ?? buildout.partsDirectory, name),
      shared: false,
    };
  }
  const folder = path.resolve(buildout.directory, shared);
  // Never the directory itself, since a failed build is removed.
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    return { location: joined(shared, "cmmi"), shared: true };
  }
  if (buildout.downloadCache !== undefined) {
    const location = joined(buildout.downloadCache, `cmmi/build/${stateHash(recipe)}`);
    return { location, shared: true };
  }
  const location = options.location("shared");
  throw new BuildoutError(
    "missing-option",
    "Set the 'shared' option of zc.recipe.cmmi to an existing directory, or set ${buildout:download-cache}",
    { ...(location && { location }) },
  );
}
