import { isAbsolute, relative, resolve } from "node:path";
import { join } from "node:path/posix";
import type { Configuration } from "../../config/merge/configuration.ts";
import { load } from "../../config/merge/load.ts";
import type { Release } from "../../distributions/distribution.ts";
import { BuildoutError, type Location } from "../../errors/error.ts";
import { words } from "../../pythonic/text.ts";
import type { HostFacts } from "../host/probe.ts";
import type { BuildoutFolders } from "../host/release-state.ts";
import type { HostOptions } from "../part/options.ts";
import { type HostSecrets, hostSecrets } from "./host-secrets.ts";
import { withoutPasswords } from "./without-passwords.ts";

/** The deploying machine's data about the buildout to run on the host. */
export interface HostBuildout {
  /** All its local configuration files, absolute. */
  files: string[];
  /** Those that contain passwords of hosts -> the text to send instead. */
  withoutPasswords: Map<string, string>;
  /** The section that holds its pins. */
  versionsSection: string;
  /** Its pins of zc.buildout and its dependencies. */
  toolPins: Map<string, string>;
  /** Whether it uses mr.developer, which would check sources out. */
  checksOut: boolean;
  secrets: HostSecrets;
  folders: BuildoutFolders;
  /** Its parts that are not references, with their recipes as written. */
  parts: { part: string; recipe: string }[];
  /** Location of its pins. */
  pinPlaces: Map<string, Location>;
}

const TOOLS = ["zc.buildout", "setuptools", "wheel", "pip"];

/** Reads the configuration files in the `buildout` option, with everything they extend. */
export async function readHostBuildout(
  directory: string,
  options: Pick<HostOptions, "name" | "buildout" | "parts" | "sudoParts">,
  env: Record<string, string | undefined>,
): Promise<HostBuildout> {
  if (options.buildout.length === 0) {
    throw new BuildoutError("no-buildout", `[${options.name}] has an empty 'buildout' option.`);
  }
  const files = new Set<string>();
  const settings = new Map<string, string>();
  const toolPins = new Map<string, string>();
  const sentTexts = new Map<string, string>();
  const secrets: HostSecrets = { places: new Map(), needed: new Set() };
  const pinPlaces = new Map<string, Location>();
  const recipes = new Map<string, string>();
  for (const name of options.buildout) {
    const configuration = await load({
      directory,
      file: resolve(directory, name),
      assignments: [],
      userDefaults: false,
      env,
    });
    for (const file of configuration.files) files.add(file);
    for (const [file, text] of withoutPasswords(configuration)) sentTexts.set(file, text);
    const { places, needed } = hostSecrets(configuration, options, directory);
    for (const [option, place] of places) secrets.places.set(option, place);
    for (const option of needed) secrets.needed.add(option);
    for (const [option, value] of buildoutSection(configuration)) settings.set(option, value);
    const section = settings.get("versions") || "versions";
    const pins = configuration.sections.get(section) ?? [];
    for (const [name, version] of pins) {
      if (TOOLS.includes(name)) toolPins.set(name, version);
      const place = configuration.location(section, name);
      if (place?.line !== undefined) pinPlaces.set(name, place);
    }
    for (const [name, own] of configuration.sections) {
      if (own.has("recipe")) recipes.set(name, own.get("recipe")!);
    }
  }
  // The engine returns local directories; the host has the same below its path.
  const folder = (option: string) => {
    const value = settings.get(option) ?? "";
    const way = relative(directory, resolve(directory, value));
    const inside = way !== "" && !way.startsWith("..") && !isAbsolute(way);
    return inside && !value.includes("${") ? [way] : [];
  };
  const parts = options.parts.length > 0 ? options.parts : words(settings.get("parts") ?? "");
  return {
    files: [...files],
    parts: parts.flatMap((part) => {
      const recipe = recipes.get(part);
      return recipe === undefined ? [] : [{ part, recipe }];
    }),
    pinPlaces,
    withoutPasswords: sentTexts,
    versionsSection: settings.get("versions") || "versions",
    toolPins,
    checksOut: settings.has("auto-checkout"),
    secrets,
    folders: {
      copied: [
        ...folder("bin-directory"),
        ...folder("develop-eggs-directory"),
        ...folder("installed"),
      ],
      linked: folder("parts-directory"),
    },
  };
}

function buildoutSection(configuration: Configuration): Iterable<[string, string]> {
  return configuration.sections.get("buildout") ?? [];
}

/** The pins of other packages: released ones have their own versions. Python names are compared by PEP 503. */
export function withoutReleases(
  pins: ReadonlyMap<string, string>,
  releases: readonly Release[],
): Map<string, string> {
  const normalized = (name: string) => name.replace(/[-_.]+/g, "-").toLowerCase();
  const names = new Set(releases.map(({ name }) => name));
  const python = new Set(
    releases.filter(({ source }) => source.kind === "python").map(({ name }) => normalized(name)),
  );
  return new Map([...pins].filter(([name]) => !names.has(name) && !python.has(normalized(name))));
}

/** Pins of the released develop packages; hosts do not develop or check out anything. */
export function pinnedConfiguration(
  { versionsSection, checksOut }: HostBuildout,
  releases: readonly Release[],
): string {
  const pins = releases.map(({ name, version }) => `${name} = ${version}\n`).sort();
  const settings = checksOut ? "develop =\nauto-checkout =\n" : "develop =\n";
  return `[buildout]\n${settings}\n[${versionsSection}]\n${pins.join("")}`;
}

/**
 * The configuration that the host builds: the buildout files, then the pins. `pins` are those of the
 * development buildout, its develop packages left out. On the host, secrets come from the deployment,
 * whatever their source on this machine.
 */
export function hostConfiguration(
  options: HostOptions,
  facts: Pick<HostFacts, "cache">,
  { versionsSection: section, secrets }: Pick<HostBuildout, "versionsSection" | "secrets">,
  pins: ReadonlyMap<string, string>,
): string {
  const settings: [string, string][] = [
    ["extends", ["", ...options.buildout, "pinned.cfg"].join("\n    ")],
    ["eggs-directory", join(facts.cache, "eggs")],
    ["download-cache", join(facts.cache, "downloads")],
    ["extends-cache", join(facts.cache, "extends")],
    ["versions", section],
    ["newest", "true"],
  ];
  if (options.parts.length > 0) settings.push(["parts", options.parts.join(" ")]);
  const lines = settings.map(([option, value]) => `${option} = ${value}\n`);
  const versions = [...pins].map(([name, version]) => `${name} = ${version}\n`);
  const text = `[buildout]\n${lines.join("")}\n[${section}]\n${versions.join("")}`;
  const places = [...secrets.places.keys()].map((name) => `${name} = deployment:${name}\n`);
  return places.length === 0 ? text : `${text}\n[secrets]\n${places.join("")}`;
}
