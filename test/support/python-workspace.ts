import { readdirSync } from "node:fs";
import path from "node:path";
import { execaSync } from "execa";
import { onTestFinished } from "vitest";
import {
  installPythonDistributions,
  type PythonInstallRequest,
} from "../../src/distributions/python/install/install-distributions.ts";
import { Pips } from "../../src/distributions/python/installers/pip-command.ts";
import { BuildoutError } from "../../src/errors/error.ts";
import { startPackageIndex } from "./index-server.ts";
import { saidTo } from "./reporter.ts";
import { scratch } from "./scratch.ts";

/** The first Python on the PATH, not a script that starts it. */
export const PYTHON = execaSync("python3", ["-c", "import sys; print(sys.executable)"]).stdout;

/** An index with nothing but these wheels and sdists. */
export async function indexOf(...extra: string[]) {
  const index = await startPackageIndex({ only: [], extra });
  onTestFinished(() => index.close());
  return index;
}

export interface Workspace {
  directory: string;
  eggs: string;
  /** Log lines, debug left out. */
  lines: string[];
  /** Names of the eggs, sorted. */
  installed(): string[];
  /** `name version` of the working set. */
  install(
    requirements: string[],
    options?: Partial<Omit<PythonInstallRequest, "versions">> & {
      versions?: Record<string, string>;
    },
  ): Promise<string[]>;
  /** The same, for calls that must fail. */
  failure(...args: Parameters<Workspace["install"]>): Promise<BuildoutError>;
  request(options?: Partial<PythonInstallRequest>): PythonInstallRequest;
}

/** A buildout's folders without a buildout, for an index. */
export function workspace(index: string | undefined, directory = scratch()): Workspace {
  const eggs = path.join(directory, "eggs", "v5");
  const lines: string[] = [];
  const note = (message: string) => void lines.push(message);
  const request = (options: Partial<PythonInstallRequest> = {}): PythonInstallRequest => ({
    requirements: [],
    executable: PYTHON,
    eggsDirectory: eggs,
    developEggsDirectory: path.join(directory, "develop-eggs"),
    developPackages: [],
    versions: new Map(),
    findLinks: [],
    index,
    allowHosts: ["*"],
    newest: true,
    offline: false,
    preferFinal: true,
    allowPicked: true,
    useDependencyLinks: true,
    installFromCache: false,
    downloadCache: undefined,
    installer: "pip",
    pips: new Pips(),
    asker: "demo",
    directory,
    report: saidTo(note),
    ...options,
  });
  const workspaceOf: Workspace = {
    directory,
    eggs,
    lines,
    request,
    installed: () => readdirSync(eggs).sort(),
    async install(requirements, { versions = {}, ...options } = {}) {
      const pins = new Map(Object.entries(versions));
      const found = await installPythonDistributions(
        request({ requirements, versions: pins, ...options }),
      );
      return found.map(({ name, version }) => `${name} ${version}`);
    },
    async failure(...args) {
      try {
        await workspaceOf.install(...args);
      } catch (error) {
        if (error instanceof BuildoutError) return error;
        throw error;
      }
      throw new Error("It did not fail.");
    },
  };
  return workspaceOf;
}
