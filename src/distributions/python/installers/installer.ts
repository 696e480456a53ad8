/** An installer, pip or uv, which resolves requirements, downloads, builds and unpacks. */
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { EngineEvent } from "../../../events/engine.ts";
import type { Reporter } from "../../../events/reporter.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Pips } from "./pip-command.ts";
import { withoutLabels } from "./stub.ts";

/** An assignment for an installer. */
export interface Assignment {
  /** An empty temporary directory, on the disk of the eggs directory for installations. */
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
  /** Called when the installer is running. */
  onStart?(): void;
  /** Called for each project that the installer looks up. */
  onProject(name: string): void;
  /** Called if the installer seems to try an older version of something. */
  onBacktracking?(): void;
}

/** A distribution that was chosen. */
export interface Chosen {
  name: string;
  version: string;
  /** The argument to install exactly this one: a URL with its hash, or name and version. */
  source: string;
  /** URL of the archive, if known. */
  url: string | undefined;
  /** `name version` of those that require it, if known. */
  requiredBy: string[];
  /** Its requirements from its metadata, if known. */
  requires: readonly string[];
}

export interface Installer {
  name: "pip" | "uv";
  /** Resolves the requirements without installing anything. */
  resolve(assignment: Assignment): Promise<Chosen[]>;
  /** The available versions of a project, oldest first. */
  versions(assignment: Assignment, name: string): Promise<string[]>;
  /** The index of the user's own settings, if they name one. */
  userIndex(interpreter: Interpreter): Promise<string | undefined>;
  /** Downloads the archives of the sources, without dependencies, to a directory, if supported. */
  download?(assignment: Assignment, sources: readonly string[], folder: string): Promise<void>;
  /** Unpacks the sources, without dependencies, into a directory. */
  install(assignment: Assignment, sources: readonly string[], target: string): Promise<void>;
  /** Puts wheels of everything required in a directory: resolves, downloads and builds at once, if supported. */
  collect?(assignment: Assignment, folder: string): Promise<void>;
  /** Resolves, downloads and unpacks at once. */
  installAll(assignment: Assignment, target: string): Promise<void>;
}

/** An installer's output without our labels and the user's passwords. */
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

/** The requirements file of an assignment: options and requirements, for both installers. */
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
