/** Configurations in a temporary directory, for the tests in this directory. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArguments } from "../../src/cli/buildout/arguments.ts";
import type { PythonFacts } from "../../src/config/conditions/facts.ts";
import type { Configuration } from "../../src/config/merge/configuration.ts";
import { type LoadRequest, load } from "../../src/config/merge/load.ts";
import { initialize } from "../../src/config/resolve/initialize.ts";
import { Sections } from "../../src/config/resolve/sections.ts";
import { annotate } from "../../src/report/annotate.ts";
import { scratch, writeFiles } from "./scratch.ts";

/** A CPython 3.11 on 64-bit Linux. */
export const FACTS: PythonFacts = {
  major: 3,
  versionInfo: [3, 11, 7, "final", 0],
  version: "3.11.7 (main) [GCC 13.2.0]",
  implementation: "CPython",
  platform: "linux",
  osName: "posix",
  maxSize: 2n ** 63n - 1n,
  byteOrder: "little",
  machine: "x86_64",
  system: "Linux",
  release: "6.8.0",
  systemVersion: "#1 SMP",
  node: "host",
  libc: ["glibc", "2.39"],
  abiTag: "cp311",
  executable: "/usr/bin/python3.11",
  searchPath: [],
};

export class ConfigurationFiles {
  readonly folder: string;
  readonly home: string;

  /** A directory with these files; it is removed after the test. */
  constructor(files: Record<string, string> = {}) {
    const root = scratch();
    this.folder = join(root, "buildout");
    this.home = join(root, "home");
    mkdirSync(this.folder);
    mkdirSync(this.home);
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  /** A file; the name may begin with `~/` for the home directory. */
  write(name: string, text: string): void {
    const home = name.startsWith("~/");
    writeFiles(home ? this.home : this.folder, { [home ? name.slice(2) : name]: text });
  }

  path(name: string): string {
    return name.startsWith("~/") ? join(this.home, name.slice(2)) : join(this.folder, name);
  }

  async load(args: string[] = [], changes: Partial<LoadRequest> = {}): Promise<Configuration> {
    const { file, assignments, userDefaults } = parseArguments(args);
    return await load({
      directory: this.folder,
      file,
      assignments,
      userDefaults,
      env: { HOME: this.home },
      executable: FACTS.executable,
      python: { facts: () => FACTS, evaluate: () => undefined },
      ...changes,
    });
  }

  /** The output of `annotate` for the sections. */
  async annotate(sections: string[], verbose = false): Promise<string> {
    const configuration = await this.load();
    const directory = initialize(configuration, new Sections(configuration)).require("directory");
    return annotate(configuration, { verbose, sections, directory });
  }
}

/** The values of a section as written. */
export function raw(configuration: Configuration, section: string): Record<string, string> {
  return Object.fromEntries(configuration.sections.get(section) ?? []);
}

/** The values of a section with references resolved. */
export function resolved(configuration: Configuration, section: string): Record<string, string> {
  const sections = new Sections(configuration);
  initialize(configuration, sections);
  return Object.fromEntries(sections.resolve(section).entries());
}
