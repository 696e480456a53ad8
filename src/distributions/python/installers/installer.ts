/** What resolves requirements, downloads, builds and unpacks: pip or uv. */
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { EngineEvent } from "../../../events/engine.ts";
import type { Reporter } from "../../../events/reporter.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Pips } from "./pip-command.ts";
import { withoutLabels } from "./stub.ts";

/** What an installer is to make of requirements. */
export interface Assignment {
  /** Empty folder of our own, on the disk of the eggs folder where something is installed. */
  workshop: string;
  interpreter: Interpreter;
  /** PEP 508; pins come from the constraints. */
  requirements: readonly string[];
  constraints: readonly string[];
  /** URL; undefined: the user's own settings. */
  index: string | undefined;
  noIndex: boolean;
  /** URLs and absolute paths. */
  findLinks: readonly string[];
  prereleases: boolean;
  /** Seconds. */
  timeout: number | undefined;
  pips: Pips;
  /** Added to the installer's environment. */
  environment?: Readonly<Record<string, string>>;
  report: Reporter<EngineEvent>;
  /** Called with each project that the installer starts to look for. */
  onProject(name: string): void;
  /** Called when the installer, as far as it can be seen, tries an older version of something. */
  onBacktracking?(): void;
}

/** A distribution that was chosen. */
export interface Chosen {
  name: string;
  version: string;
  /** What an installer is given to get just this one: a URL with its hash, or name and version. */
  source: string;
  /** URL of the archive, where known. */
  url: string | undefined;
  /** `name version` of those that need it, where known. */
  requiredBy: string[];
  /** What it needs, as its metadata has it, where known. */
  requires: readonly string[];
}

export interface Installer {
  name: "pip" | "uv";
  /** Which distributions satisfy the requirements. Nothing is installed. */
  resolve(assignment: Assignment): Promise<Chosen[]>;
  /** The versions there are of a project, oldest first. */
  versions(assignment: Assignment, name: string): Promise<string[]>;
  /** The index of the user's own settings, if they name one. */
  userIndex(interpreter: Interpreter): Promise<string | undefined>;
  /** Puts the archives of the sources, without what they need, into a folder, where it can. */
  download?(assignment: Assignment, sources: readonly string[], folder: string): Promise<void>;
  /** Unpacks the sources, without what they need, into a folder. */
  install(assignment: Assignment, sources: readonly string[], target: string): Promise<void>;
  /** Puts wheels of all that is needed into a folder: resolves, downloads and builds at once, where it can. */
  collect?(assignment: Assignment, folder: string): Promise<void>;
  /** Resolves, downloads and unpacks at once. */
  installAll(assignment: Assignment, target: string): Promise<void>;
}

/** What an installer says, without labels of ours and passwords of the user's. */
export function readable(text: string): string {
  return withoutLabels(text).replace(/(https?:\/\/)[^/\s@]+@/g, "$1****@");
}

/** A failed run of an installer, which `failure.ts` turns into an error for the user. */
export class InstallerFailure extends Error {
  readonly installer: "pip" | "uv";
  readonly output: string;

  constructor(installer: "pip" | "uv", output: string) {
    super(`${installer} failed`);
    this.installer = installer;
    this.output = output;
  }
}

/** The requirements file of an assignment: options and requirements, which both installers read. */
export function requirementsFile(assignment: Assignment, lines: readonly string[]): string {
  const { index, noIndex, findLinks } = assignment;
  return [
    ...(noIndex ? ["--no-index"] : index === undefined ? [] : [`--index-url ${index}`]),
    ...findLinks.map(
      (link) => `--find-links ${isAbsolute(link) ? pathToFileURL(link).href : link}`,
    ),
    ...lines,
    "",
  ].join("\n");
}

/** A file as an installer's source. */
export function fileSource(name: string, file: string): string {
  return `${name} @ ${pathToFileURL(file).href}`;
}
