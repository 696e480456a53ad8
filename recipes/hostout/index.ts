import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import {
  type BuildoutContext,
  BuildoutError,
  defineRecipe,
  formatSection,
  type LintContext,
  type LintProblem,
  makeDirectory,
  NOT_THERE,
  type Part,
  partNameProblem,
  type RecipeDefinition,
  type Section,
  words,
  writeFileAtomically,
} from "../../src/index.ts";
import { checkPart, doubtfulOptions, wrongValues } from "./check-options.ts";
import { mergeExtended } from "./extend.ts";
import { launcher } from "./launcher.ts";
import { versionsFile } from "./versions-file.ts";

const NAMES = new Set(["hostout", "collective.hostout"]);
const PRIVATE = 0o600;
const VERSIONS_FILE = "hostoutversions.cfg";

/** Secret options, stored in separate files that only the owner can read. */
const PASSWORDS = ["password", "buildout-password"] as const;

export default defineRecipe({
  description: "Deploys this buildout to a host: bin/hostout",
  options: {
    versionsfile: { default: VERSIONS_FILE, description: "name of the versions file" },
    dist_dir: { default: "dist" },
    password: { secret: true },
    "buildout-password": { secret: true },
  },

  lint: checkPart,

  async init(part) {
    const problem = partNameProblem(part.name);
    if (problem) throw new BuildoutError("invalid-option", problem.message, { hint: problem.hint });
    const sections = await partSections(part);
    const plugins = await mergeExtended(part);
    warn(part, sections, doubtfulOptions);
    const { options } = part;
    if (hasPythonFabfiles(options)) await setInterpreter(part);
    setDefault(options, "buildout", "buildout.cfg");
    setDefault(options, "path", `/var/buildout/${part.name}`);
    setDefault(options, "buildout-group", "buildout");
    // All other parts come first, since the versions file pins their packages.
    const buildout = await part.buildout.section("buildout");
    for (const name of words(buildout.get("parts") ?? "")) {
      if (name !== "" && name !== part.name && part.buildout.has(name)) {
        await part.buildout.section(name);
      }
    }
    return plugins;
  },

  install,
  update: install,
});

/** The part and all sections that it extends, with their own options. */
async function partSections({ options, buildout }: Part): Promise<Map<string, Section>> {
  const sections = new Map([[options.name, options]]);
  for (const section of sections.values()) {
    for (const name of (section.get("extends") ?? "").split(/\s+/)) {
      if (name !== "" && buildout.has(name) && !sections.has(name)) {
        sections.set(name, await buildout.section(name));
      }
    }
  }
  return sections;
}

/** Warns about problems that `find` finds in the options, with their locations. */
function warn(
  part: Part,
  sections: ReadonlyMap<string, Section>,
  find: (context: LintContext) => LintProblem[],
): void {
  const { directory } = part.buildout;
  // Options without a location were copied from other parts, which are checked themselves.
  const written = new Map(
    [...sections].map(([name, section]) => [
      name,
      new Map(section.entries().filter(([option]) => section.location(option) !== undefined)),
    ]),
  );
  const context = { name: part.name, directory, section: (name: string) => written.get(name) };
  for (const { section, option, message, hint } of find(context)) {
    const { file, line } = sections.get(section)!.location(option)!;
    const near = relative(directory, file);
    const place = near.startsWith("..") ? file : near;
    part.log.warning(`${place}:${line}: ${message} ${hint}`);
  }
}

/** Whether `bin/hostout` will need an interpreter for this part. */
function hasPythonFabfiles(options: Section): boolean {
  const fabfiles = words(options.get("fabfiles") ?? "");
  return options.has("plugin-path") || fabfiles.some((file) => !/\.[cm]?[jt]s$/.test(file));
}

/** Records the interpreter of the part. If none is named or found, `bin/hostout` looks again. */
async function setInterpreter({ options, buildout }: Part): Promise<void> {
  try {
    setDefault(options, "python-executable", await buildout.pythonExecutable(options));
  } catch (error) {
    const isMissing = error instanceof BuildoutError && NOT_THERE.has(error.code);
    if (!isMissing || options.has("python")) throw error;
  }
}

async function install(part: Part, plugins: readonly RecipeDefinition[]): Promise<string[]> {
  // Not earlier: other parts may have created the files that it names.
  warn(part, await partSections(part), wrongValues);
  return [...(await installPlugins(part, plugins)), ...(await writeAll(part))];
}

/** Runs the recipes of the plugins that a part extends. */
async function installPlugins(part: Part, plugins: readonly RecipeDefinition[]): Promise<string[]> {
  const paths: string[] = [];
  for (const recipe of plugins) {
    paths.push(...[(await recipe.install(part)) ?? []].flat());
  }
  return paths;
}

/** Writes the files shared by all hostout parts; the first part owns them. */
async function writeAll(part: Part): Promise<string[]> {
  const { buildout } = part;
  const hosts = await hostoutParts(buildout);
  if (hosts[0]?.name !== part.name) return [];
  // The written order of parts, which differs from the installation order, for commands on several hosts.
  const written = words((await buildout.section("buildout")).get("parts") ?? "");
  hosts.sort((one, other) => written.indexOf(one.name) - written.indexOf(other.name));
  const folder = join(buildout.partsDirectory, "hostout");
  const configuration = join(folder, "hostout.cfg");
  const script = join(buildout.binDirectory, "hostout");
  if (!existsSync(folder)) {
    makeDirectory(folder);
    part.created(folder);
  }
  const secrets = writeSecrets(folder, hosts, buildout);
  const python = await pythonOptions(buildout, hosts);
  const places = await secretPlaces(buildout);
  write(configuration, hostoutConfiguration(part, hosts, secrets, [...python, ...places]), PRIVATE);
  if (write(script, launcher(configuration), 0o755)) {
    part.created(script);
    buildout.log.info(`Generated script '${script}'.`);
  }
  const versions = versionsFile(await buildout.distributions());
  for (const file of new Set(hosts.map((host) => host.get("versionsfile") ?? VERSIONS_FILE))) {
    write(resolve(buildout.directory, file), versions, 0o644);
  }
  return [folder, script];
}

async function hostoutParts(buildout: BuildoutContext): Promise<Section[]> {
  const sections: Section[] = [];
  for (const name of buildout.parts) {
    const section = await buildout.section(name);
    if (NAMES.has(section.get("recipe") ?? "")) sections.push(section);
  }
  return sections;
}

/** Whether a string refers to secrets, which `bin/hostout` reads itself. */
function isSecret(text: string): boolean {
  return text.includes("${secrets:");
}

/** Writes each host's passwords to separate files; returns the files by part and option. */
function writeSecrets(
  folder: string,
  hosts: readonly Section[],
  buildout: BuildoutContext,
): Map<string, [string, string][]> {
  const files = new Map<string, [string, string][]>();
  for (const host of hosts) {
    const own = PASSWORDS.flatMap((option): [string, string][] => {
      const password = host.get(option);
      const file = join(folder, `${host.name}.${option}`);
      if (!password || isSecret(buildout.secretReferences(password))) {
        rmSync(file, { force: true });
        return [];
      }
      write(file, `${password}\n`, PRIVATE);
      return [[`${option}-file`, file]];
    });
    files.set(host.name, own);
  }
  return files;
}

/** How to build releases of the Python packages, and where hosts with zc.buildout get packages. */
async function pythonOptions(
  buildout: BuildoutContext,
  hosts: readonly Section[],
): Promise<[string, string][]> {
  const hasPackages = buildout.developPackages.some(({ kind }) => kind === "python");
  if (!hasPackages && hosts.every((host) => host.get("engine") !== "python")) return [];
  const settings = await buildout.section("buildout");
  const links = words(settings.get("find-links") ?? "");
  const executable = hasPackages ? await buildout.pythonExecutable(settings) : undefined;
  return [
    ...(executable === undefined ? [] : [["executable", executable] satisfies [string, string]]),
    ["index", settings.get("index") ?? ""],
    ["install-from-cache", settings.get("install-from-cache") ?? ""],
    ["find-links", links.join("\n")],
  ];
}

/** Sources of secrets for `bin/hostout`; their values are not copied. */
async function secretPlaces(buildout: BuildoutContext): Promise<[string, string][]> {
  if (!buildout.has("secrets")) return [];
  const places = (await buildout.section("secrets")).secretPlaces();
  return places.length === 0 ? [] : [["secrets", JSON.stringify(Object.fromEntries(places))]];
}

/** `hostout.cfg`: what `bin/hostout` needs to know about the buildout, and all options of all hosts. */
function hostoutConfiguration(
  { buildout, values }: Part,
  hosts: readonly Section[],
  secrets: ReadonlyMap<string, readonly [string, string][]>,
  python: readonly [string, string][],
): string {
  const packages = new Set(buildout.developPackages.map(({ folder }) => folder));
  const section = (name: string, options: Iterable<[string, string]>) =>
    formatSection(
      name,
      [...options].map(([option, value]) => [option, buildout.secretReferences(value)] as const),
    );
  const sections = [
    section("buildout", [
      ["location", buildout.directory],
      ["bin-directory", buildout.binDirectory],
      ["download_cache", buildout.downloadCache ?? ""],
      ["dist_dir", String(values.dist_dir)],
      ["packages", [...packages].join("\n")],
      ...python,
    ]),
    ...hosts.map((host) => {
      const options = new Map(host.entries());
      for (const option of PASSWORDS) {
        const isReference = isSecret(buildout.secretReferences(options.get(option) ?? ""));
        if (!isReference) options.delete(option);
      }
      for (const [option, file] of secrets.get(host.name) ?? []) options.set(option, file);
      return section(host.name, options);
    }),
  ];
  return sections.join("\n");
}

function setDefault(options: Section, name: string, value: string): void {
  if (!options.has(name)) options.set(name, value);
}

/** Writes a file only if its text or mode differs. Returns whether it did. */
function write(file: string, text: string, mode: number): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  const same =
    stats?.isFile() && (stats.mode & 0o777) === mode && readFileSync(file, "utf8") === text;
  if (!same) {
    makeDirectory(dirname(file));
    writeFileAtomically(file, text, mode);
  }
  return !same;
}
