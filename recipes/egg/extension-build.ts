import {
  BuildoutError,
  type ExtensionBuild,
  lines,
  type OptionSpecs,
  type Part,
  repr,
} from "../../src/index.ts";

/** The build options for C extensions: those of setuptools' command build_ext. */
export const BUILD_OPTIONS = {
  "include-dirs": { type: "lines", description: "Directories with header files." },
  "library-dirs": { type: "lines", description: "Directories with libraries to link with." },
  rpath: { type: "lines", description: "Directories with libraries at run time." },
  define: { description: "C macros, separated by commas." },
  undef: { description: "C macros to undefine, separated by commas." },
  libraries: { description: "A library to link with." },
  "link-objects": { description: "An object file to link with." },
  debug: { description: "`true`: compile and link with debugging information." },
  force: { description: "`true`: rebuild everything." },
  compiler: { description: "The type of compiler, such as `unix`." },
  swig: { description: "The path of SWIG." },
  "swig-cpp": { description: "`true`: SWIG generates C++." },
  "swig-opts": { description: "Options of SWIG." },
  environment: { description: "A section with environment variables for the build." },
} as const satisfies OptionSpecs;

const PATHS = ["include-dirs", "library-dirs"] as const;

const AS_WRITTEN = [
  "define",
  "undef",
  "libraries",
  "link-objects",
  "debug",
  "force",
  "compiler",
  "swig-cpp",
  "swig-opts",
] as const;

/** What the dynamic linker replaces (ld.so(8)). */
const DYNAMIC = /^\$(?:ORIGIN|LIB|PLATFORM|\{ORIGIN\}|\{LIB\}|\{PLATFORM\})/;

/**
 * The settings of build_ext from the part's options; paths become absolute in both. Call it once, when the
 * part is initialized.
 */
export function buildSettings({ options, buildout }: Part): Map<string, string> {
  const settings = new Map<string, string>();
  const absolute = (file: string) =>
    file.startsWith("/") ? file : `${buildout.directory.replace(/\/$/, "")}/${file}`;
  const set = (option: string, value: string) => {
    settings.set(option, value);
    options.set(option, value);
  };
  for (const option of PATHS) {
    const value = options.get(option);
    if (value !== undefined) set(option, lines(value).map(absolute).join(":"));
  }
  const rpath = options.get("rpath");
  if (rpath !== undefined) {
    const paths = lines(rpath).map((file) => (DYNAMIC.test(file) ? file : absolute(file)));
    set("rpath", paths.join(":"));
  }
  const swig = options.get("swig");
  if (swig) set("swig", absolute(swig));
  for (const option of AS_WRITTEN) {
    const value = options.get(option);
    if (value !== undefined) settings.set(option, value);
  }
  return settings;
}

/** Values of the section named by `environment`, as written: `%(NAME)s` is a variable. */
export async function environmentSection({ options, buildout }: Part): Promise<[string, string][]> {
  const name = options.get("environment");
  return name ? (await buildout.section(name)).entries() : [];
}

/** As in the original's `_environment-data`: the sorted pairs in Python syntax. */
export function environmentData(variables: readonly [string, string][]): string {
  const sorted = [...variables].sort(([a], [b]) => (a < b ? -1 : 1));
  return `[${sorted.map((pair) => `(${pair.map(repr).join(", ")})`).join(", ")}]`;
}

/** The environment variables of a build. Throws `missing-variable`. */
function resolveEnvironment(variables: readonly [string, string][]): ExtensionBuild["environment"] {
  const environment: Record<string, string> = {};
  for (const [name, value] of variables) {
    environment[name] = value.replace(/%(?:%|\(([^)]*)\)s)/g, (_, variable?: string) => {
      if (variable === undefined) return "%";
      const found = environment[variable] ?? process.env[variable];
      if (found !== undefined) return found;
      throw new BuildoutError(
        "missing-variable",
        `There is no environment variable '${variable}' for ${name} = ${value}`,
      );
    });
  }
  return environment;
}

/** How the part builds its extensions; `settings` are from `buildSettings`. */
export async function extensionBuild(
  part: Part,
  settings: ReadonlyMap<string, string>,
): Promise<ExtensionBuild> {
  return { settings, environment: resolveEnvironment(await environmentSection(part)) };
}
