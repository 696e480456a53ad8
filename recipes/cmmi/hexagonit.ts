/** `hexagonit.recipe.cmmi`: like zc.recipe.cmmi, with other options. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import {
  BuildoutError,
  defineRecipe,
  download,
  downloadSettings,
  makeDirectory,
  type Part,
  partDirectory,
  removeTemporary,
  runCommand,
  unpackArchive,
  words,
} from "../../src/index.ts";
import { below } from "./build.ts";
import { howItEnded } from "./ended.ts";

const HOOKS = ["pre-configure-hook", "pre-make-hook", "post-make-hook"] as const;

const hook = { description: "Needs the Python recipe of this name." } as const;

const options = {
  url: { description: "The sources: a URL, or the path of an archive." },
  path: { description: "The sources: a directory to build in." },
  md5sum: { description: "MD5 checksum that the archive must have." },
  prefix: { description: "Where to install it; default: parts/NAME." },
  "configure-command": { description: "A command to use instead of ./configure and its --prefix." },
  "configure-options": { description: "Options of configure." },
  "make-binary": { description: "Default make." },
  "make-options": { description: "Options of every make." },
  "make-targets": { description: "Targets of the second make; default install." },
  "patch-binary": { description: "Default patch." },
  "patch-options": { description: "Default -p0." },
  patches: { type: "words", description: "Paths of patches." },
  "keep-compile-dir": { description: "`true`: keep the sources after the build." },
  "environment-section": { description: "A section with variables for the commands." },
  environment: { description: "`NAME=value`, one per line." },
  "pre-configure-hook": hook,
  "pre-make-hook": hook,
  "post-make-hook": hook,
} as const;

type HexagonitPart = Part<typeof options>;

const oneLine = (text = "") => words(text).join(" ");

/** The variables for the commands, with `%(NAME)s` replaced from the environment of the run. */
async function readEnvironment({ options: own, buildout }: HexagonitPart) {
  const variables = new Map<string, string>();
  const section = (own.get("environment-section") ?? "").trim();
  if (section !== "" && buildout.has(section)) {
    for (const [name, value] of (await buildout.section(section)).entries()) {
      variables.set(name, value);
    }
  }
  const refuse = (message: string) => {
    const location = own.location("environment");
    return new BuildoutError("invalid-value", message, { ...(location && { location }) });
  };
  for (const line of (own.get("environment") ?? "").split("\n").filter((text) => text.trim())) {
    const end = line.indexOf("=");
    if (end === -1) throw refuse(`Invalid environment variable definition: ${line}`);
    variables.set(line.slice(0, end).trim(), line.slice(end + 1));
  }
  const expand = (value: string) =>
    value.replace(/%(?:%|\(([^)]*)\)s)/g, (_, name: string | undefined) => {
      if (name === undefined) return "%";
      const found = process.env[name];
      if (found === undefined) throw refuse(`There is no environment variable ${name}.`);
      return found;
    });
  return Object.fromEntries([...variables].map(([name, value]) => [name, expand(value)]));
}

/** Unpacks the sources into the compile directory. */
async function unpackSources(part: HexagonitPart, folder: string): Promise<void> {
  if (existsSync(folder)) {
    part.log.warning(`Removing already existing directory ${folder}`);
    await rm(folder, { recursive: true });
  }
  await mkdir(folder);
  const { buildout, values } = part;
  try {
    const settings = await downloadSettings(buildout);
    const url = part.options.require("url");
    const request = { ...settings, url, md5sum: values.md5sum, hashName: true, log: buildout.log };
    const file = await download(request);
    try {
      part.log.info(`Extracting package to ${folder}`);
      await unpackArchive({ source: file.path, folder, shown: url });
    } finally {
      await removeTemporary(file);
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The commands that patch the sources, and those that build them. */
function commandsOf({ options: own, buildout, values }: HexagonitPart, sources: string) {
  const configureOptions = oneLine(own.get("configure-options"));
  const command = (own.get("configure-command") ?? "").trim();
  const prefix = configureOptions.includes("--prefix")
    ? ""
    : `--prefix="${own.require("prefix")}" `;
  const make = `${(own.get("make-binary") ?? "make").trim()} ${oneLine(own.get("make-options"))}`;
  const patch = `${(own.get("patch-binary") ?? "patch").trim()} ${oneLine(own.get("patch-options") ?? "-p0")}`;
  // The original looks for a relative path in the sources, but users mean the buildout directory.
  const patches = (values.patches ?? [])
    .map((file) => [sources, buildout.directory].map((folder) => path.resolve(folder, file)))
    .map(([inSources, own]) => `${patch} < '${existsSync(inSources!) ? inSources : own}'`);
  const configure =
    command === "" ? `./configure ${prefix}${configureOptions}` : `${command} ${configureOptions}`;
  const targets = oneLine(own.get("make-targets") ?? "install");
  return { patches, build: [configure, make, `${make} ${targets}`].map((text) => text.trim()) };
}

async function build(part: HexagonitPart, folder: string): Promise<void> {
  const { log } = part;
  const environment = await readEnvironment(part);
  const directory = await below(folder);
  const { patches, build: commands } = commandsOf(part, directory);
  if (patches.length > 0) log.info("Applying patches");
  const onLine = (line: string) => part.buildout.log.info(line);
  for (const command of [...patches, ...commands]) {
    const status = await runCommand({ command, directory, environment, onLine });
    if (status === 0) continue;
    const how =
      status < 0
        ? `Command received signal ${-status}: ${command}`
        : `Command failed with exit code ${status}: ${command}`;
    log.error(how);
    log.error(
      `Compilation error. The package is left as is at ${directory} where you can inspect what went wrong`,
    );
    throw new BuildoutError("build-failed", "System error", {
      hint: `'${command}' ${howItEnded(status)}.`,
    });
  }
}

export default defineRecipe({
  description: "Downloads sources, configures, makes and installs them.",
  options,
  readsOnlyDeclared: true,
  init(part) {
    const { options: own } = part;
    const location = partDirectory(part);
    own.set("location", location);
    own.set("prefix", own.get("prefix") ?? location);
    for (const option of ["url", "path"]) own.set(option, (own.get(option) ?? "").trim());
    const [url, folder] = [own.require("url"), own.require("path")];
    const refuse = (message: string) => new BuildoutError("conflicting-options", message);
    if (url && folder) throw refuse('You must use either "url" or "path", not both!');
    if (!url && !folder) throw refuse('You must provide either "url" or "path".');
    own.set("compile-directory", url ? `${location}__compile__` : folder);
    const asked = HOOKS.find((option) => (own.get(option) ?? "").trim() !== "");
    if (asked === undefined) return;
    const place = own.location(asked);
    throw new BuildoutError(
      "unsupported-option",
      `${asked} is Python code, which needs the Python recipe.`,
      {
        ...(place && { location: place }),
        hint: "Exclude the name with 'native-recipes' in [buildout], or use 'configure-command' and 'patches'.",
      },
    );
  },
  async install(part) {
    const { options: own, buildout, log } = part;
    const location = own.require("location");
    const compile = own.require("compile-directory");
    const folder = path.resolve(buildout.directory, compile);
    for (const [name, value] of Object.entries(await readEnvironment(part)).sort()) {
      log.info(`[ENV] ${name} = ${value}`);
    }
    const downloaded = own.require("url") !== "";
    if (downloaded) await unpackSources(part, folder);
    else log.info(`Using local source directory: ${compile}`);
    part.created(location);
    makeDirectory(location);
    await build(part, folder);
    if (!downloaded) return [location];
    const keep = (own.get("keep-compile-dir") ?? "").toLowerCase();
    if (["true", "yes", "1", "on"].includes(keep)) return [compile, location];
    await rm(folder, { recursive: true, force: true });
    return [location];
  },
  settled: () => [],
  update() {},
});
