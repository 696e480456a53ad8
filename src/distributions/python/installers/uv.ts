import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../program.ts";
import { authoritiesFile } from "./authorities-file.ts";
import {
  type Assignment,
  type Chosen,
  type Installer,
  InstallerFailure,
  readable,
  requirementsFile,
} from "./installer.ts";

const ENVIRONMENT = {
  NO_COLOR: "1",
  UV_NO_PROGRESS: "1",
  UV_PYTHON_DOWNLOADS: "never",
  UV_SYSTEM_PYTHON: undefined,
  UV_CONSTRAINT: undefined,
};

const NO_INDEXES = {
  UV_INDEX: undefined,
  UV_INDEX_URL: undefined,
  UV_EXTRA_INDEX_URL: undefined,
  UV_FIND_LINKS: undefined,
};

async function run(
  program: string,
  assignment: Assignment,
  command: string,
  lines: readonly string[],
  options: readonly string[],
): Promise<void> {
  const { workshop, interpreter, constraints, prereleases, timeout, index, noIndex, report } =
    assignment;
  // The user's own index, with its links, or the buildout's.
  const isOwn = index === undefined && !noIndex;
  await mkdir(workshop, { recursive: true });
  const own = await mkdtemp(join(workshop, "uv-"));
  const requirements = join(own, "requirements.txt");
  const constraintsFile = join(own, "constraints.txt");
  await writeFile(requirements, requirementsFile(assignment, lines));
  await writeFile(constraintsFile, constraints.map((line) => `${line}\n`).join(""));
  const authorities = await authoritiesFile(own, "uv");
  // `compile` takes the file directly, `install` after -r.
  const source = command === "compile" ? [requirements] : ["-r", requirements];
  const { exitCode, all } = await runProgram({
    command: [
      ...[program, "pip", command, ...source, "--python", interpreter.executable],
      ...(constraints.length > 0 ? ["-c", constraintsFile] : []),
      ...(prereleases ? ["--prerelease=allow"] : []),
      ...options,
    ],
    cwd: workshop,
    env: {
      ...ENVIRONMENT,
      ...(isOwn
        ? {}
        : { ...NO_INDEXES, UV_DEFAULT_INDEX: index, UV_NO_INDEX: noIndex ? "1" : undefined }),
      ...(authorities !== undefined && { SSL_CERT_FILE: authorities }),
      ...(timeout !== undefined && { UV_HTTP_TIMEOUT: String(timeout) }),
    },
    onLine: (line) => report({ type: "output", program: "uv", line: readable(line) }),
  });
  if (exitCode !== 0) throw new InstallerFailure("uv", readable(all));
}

/** Lines `six==1.16.0  # via paste, -r requirements.txt`, as with `--annotation-style=line`. */
function parseCompiled(text: string): Chosen[] {
  const lines = text.split("\n").flatMap((line) => {
    const [, name, version, via = ""] =
      /^([A-Za-z0-9._-]+)==(\S+)(?:\s+#\s*via\s+(.*))?$/.exec(line) ?? [];
    return name && version ? [{ name, version, via }] : [];
  });
  const versions = new Map(lines.map(({ name, version }) => [name, version]));
  return lines.map(({ name, version, via }) => ({
    name,
    version,
    source: `${name}==${version}`,
    url: undefined,
    requires: [],
    requiredBy: via
      .split(",")
      .map((by) => by.trim())
      .filter((by) => versions.has(by))
      .map((by) => `${by} ${versions.get(by)}`),
  }));
}

/** The uv at `program`, by its documented command line (`uv pip compile`, `uv pip install`). */
export function uv(program: string): Installer {
  const install = (assignment: Assignment, sources: readonly string[], options: string[]) =>
    // Copies, since links would depend on uv's cache.
    run(program, assignment, "install", sources, [
      "--link-mode=copy",
      "--compile-bytecode",
      ...options,
    ]);
  return {
    name: "uv",
    async resolve(assignment) {
      const output = join(assignment.workshop, "compiled.txt");
      const options = ["--no-header", "--annotation-style=line", "--output-file", output];
      await run(program, assignment, "compile", assignment.requirements, options);
      return parseCompiled(await readFile(output, "utf8"));
    },
    versions: async () => [],
    userIndex: async () => process.env.UV_DEFAULT_INDEX || process.env.UV_INDEX_URL,
    install: (assignment, sources, target) =>
      install({ ...assignment, constraints: [] }, sources, ["--no-deps", "--target", target]),
    installAll: (assignment, target) =>
      install(assignment, assignment.requirements, ["--target", target]),
  };
}
