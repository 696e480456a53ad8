/** The data behind `api.env.hostout` in fabfiles in Python. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "../../config/syntax/parse.ts";
import { BuildoutError } from "../../errors/error.ts";
import { makeDirectory } from "../../system/make-directory.ts";
import { buildoutKey, makeOwnKey, publicKeyLine } from "../part/identity.ts";
import type { HostOptions } from "../part/options.ts";
import type { Project } from "../part/project.ts";
import type { CommandContext } from "../run/chain.ts";

/** Data that needs no request to the host, passed with the first fabfile. */
export function hostoutFacts(project: Project, options: HostOptions) {
  const { name, host, port = 22, user, path, buildout, parts, fabfiles, include } = options;
  const commands = (lines: readonly string[]) => lines.map((line) => line.replaceAll("$${", "${"));
  return {
    name,
    host,
    port,
    user: user ?? null,
    // Without the option, Fabric's own default applies.
    shell: options.all.get("shell") ?? null,
    path,
    buildout,
    parts,
    fabfiles,
    include: include.map((file) => resolve(project.directory, file)),
    directory: project.directory,
    dist_dir: project.distDirectory,
    packages: project.packages,
    download_cache: project.python.downloadCache ?? "",
    identity_file: options.identityFile ?? options.ownKeyFile,
    cache: options.buildoutCache?.startsWith("/") ? options.buildoutCache : null,
    pre_commands: commands(options.preCommands),
    post_commands: commands(options.postCommands),
    options: optionTexts(options),
  };
}

/** The options of the part, with defaults. */
function optionTexts(options: HostOptions): Record<string, string | boolean> {
  const { user, buildoutUser = user, effectiveUser = buildoutUser } = options;
  const texts: Record<string, string | boolean | undefined> = {
    ...Object.fromEntries(options.all),
    user,
    "buildout-user": buildoutUser,
    "effective-user": effectiveUser,
    "buildout-group": options.buildoutGroup,
    path: options.path,
    buildout: options.buildout.join(" "),
    versionsfile: options.versionsFile,
    // As in the original, these are not strings.
    "no-sudo": options.noSudo,
    "force-python-compile": options.forcePythonCompile,
    tunnel: options.tunnel,
  };
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string | boolean] => entry[1] != null),
  );
}

const FACTS: Readonly<Record<string, (context: CommandContext) => Promise<unknown>>> = {
  path: async ({ session }) => (await session.facts()).path,
  cache: async ({ session }) => (await session.facts()).cache,
  eggs: async ({ deployment }) =>
    (await deployment.packages()).map(({ name, version, file }) => [name, version, file]),
  releaseid: async ({ deployment }) => (await deployment.release()).id,
  file: async ({ deployment }) => {
    const { files, configuration } = await deployment.release();
    return files.find(({ path }) => path === configuration)?.content?.toString() ?? "";
  },
  files: async ({ deployment }) =>
    (await deployment.release()).files.flatMap(({ source, path }) =>
      source === undefined ? [] : [[source, path]],
    ),
  package: async ({ deployment, project }) => {
    const { id, files } = await deployment.release();
    const file = join(project.distDirectory, `deploy_${id}.tgz`);
    makeDirectory(project.distDirectory);
    const { makeBundle } = await import("../release/bundle.ts");
    const { stream, done } = makeBundle(files, "tgz");
    await writeFile(file, stream);
    await done;
    return file;
  },
  versions: async ({ project, options }) => {
    const file = resolve(project.directory, options.versionsFile);
    const pins = parse(readFileSync(file, "utf8"), file, () => true).sections.get("versions") ?? [];
    return Object.fromEntries([...pins].map(([name, { value }]) => [name, value]));
  },
  identity: async ({ options, session }) => {
    let key = buildoutKey(options, session.env);
    if (key === undefined) {
      key = options.ownKeyFile;
      await makeOwnKey(options);
    }
    return [key, await publicKeyLine(key)];
  },
};

/** Answers requests that need the host or the files to deploy. */
export async function hostoutFact(context: CommandContext, what: string): Promise<unknown> {
  const fact = FACTS[what];
  if (fact === undefined) throw new BuildoutError("unknown-fact", `'${what}' is unknown.`);
  return fact(context);
}
