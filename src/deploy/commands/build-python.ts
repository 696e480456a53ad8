import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { basename, join } from "node:path/posix";
import { downloadFailed } from "../../config/download/failure.ts";
import { BuildoutError } from "../../errors/error.ts";
import { quote } from "../../ssh/commands/quote.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import { runProcess } from "../../system/process.ts";
import { buildPrefix, series } from "../host/host-python.ts";
import buildProgram from "../host/programs/build-python.sh?raw";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { makeFolders } from "./folders.ts";
import { installPackages } from "./packages.ts";

/** Where the sources of CPython are, unless `python-source` is set. */
const SOURCE = "https://www.python.org/ftp/python/VERSION/Python-VERSION.tgz";
/** Milliseconds without data before a download fails. */
const TIMEOUT = 60_000;
const QUIET = new Set(["stdout", "stderr"]);

/**
 * Builds Python from its source on the host, as the buildout user: this machine downloads the archive, and
 * the host compiles it. Returns the path of the new interpreter. Throws `python-version-needed`,
 * `no-compiler`, `download-failed`, `python-build-failed`.
 */
export async function buildPython(context: CommandContext): Promise<string> {
  const { session, options } = context;
  const { version, source } = await whatToBuild(context);
  await requireCompiler(context);
  session.note(`Building Python ${version} from ${source}`);
  const archive = await fetchSource(context, source);
  await makeFolders(context);
  const { path, cache } = await session.facts();
  const prefix = buildPrefix(options.pythonPath, cache, version);
  const work = join(path, ".hostout/python-build");
  const connection = await session.buildoutConnection();
  const name = basename(new URL(source, "file:///").pathname);
  await connection.sh(`umask 077; rm -rf ${quote(work)}; mkdir -p ${quote(work)}`);
  await connection.put(archive, join(work, name), { signal: session.signal });
  const unpack = /\.t?xz$/.test(name) ? "-xJf" : "-xzf";
  const result = await session.run(shellProgram(buildProgram, [work, name, unpack, prefix]), {
    cwd: null,
    label: `./configure --prefix=${quote(prefix)} && make && make install`,
    hidden: QUIET,
  });
  if (result.code !== 0) {
    const all = `${result.stdout}\n${result.stderr}`.trimEnd().split("\n");
    throw new BuildoutError(
      "python-build-failed",
      `Python ${version} could not be built on ${options.host}.`,
      { output: all.slice(-30).join("\n"), hint: `The unfinished build is in ${work} there.` },
    );
  }
  const cleared = await connection.sh(`rm -rf ${quote(work)}`);
  if (cleared.code !== 0) throw failed(`Removing ${work}`, cleared);
  session.note(`Python ${version} on the host: ${prefix}/bin/python3`);
  return `${prefix}/bin/python3`;
}

/** The exact version, and the location of its source. */
async function whatToBuild(context: CommandContext): Promise<{ version: string; source: string }> {
  const { options } = context;
  const given = options.all.get("python-source")?.trim();
  const named = given && /(\d+\.\d+\.\d+)[^/]*$/.exec(given)?.[1];
  const wanted = options.pythonVersion;
  const isWhole = (version: string | undefined) => version?.split(".").length === 3;
  const version = isWhole(wanted) ? wanted : named || (await localVersion(context));
  if (version === undefined || (wanted !== undefined && !`${version}.`.startsWith(`${wanted}.`))) {
    throw new BuildoutError(
      "python-version-needed",
      `The Python ${wanted ?? "3"} to build on ${options.host} is not fully specified.`,
      { hint: `Set the full version, such as: python-version = ${series(wanted ?? "3.11")}.9` },
    );
  }
  return { version, source: (given || SOURCE).replaceAll("VERSION", version) };
}

/** The version of this machine's own Python, which the development buildout uses. */
async function localVersion({ project }: CommandContext): Promise<string | undefined> {
  const ask = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
  try {
    const { executable } = project.python;
    const request = { command: executable, args: ["-c", ask], cwd: project.directory };
    return (await runProcess(request)).stdout.trim() || undefined;
  } catch {
    // No Python here: the option must be set.
    return undefined;
  }
}

async function requireCompiler(context: CommandContext): Promise<void> {
  const { session, options } = context;
  const connection = await session.buildoutConnection();
  const look = "{ command -v cc || command -v gcc; } >/dev/null && command -v make >/dev/null";
  if ((await connection.sh(look)).code === 0) return;
  const refusal = await installPackages(context, ({ compiler }) => compiler);
  if ((await connection.sh(look)).code === 0) return;
  throw new BuildoutError(
    "no-compiler",
    `Building Python needs a C compiler and make on ${options.host}.`,
    {
      hint: "Install gcc and make there, or a suitable Python.",
      ...(refusal !== undefined && { output: refusal }),
    },
  );
}

/** The bytes of an archive, from the network or a local file. */
async function fetchSource(context: CommandContext, source: string): Promise<Uint8Array> {
  const { project, deployment, session } = context;
  try {
    if (!/^https?:/.test(source)) {
      const file = source.replace(/^file:\/\//, "");
      return await readFile(resolve(project.directory, file));
    }
    const { get } = await import("../../config/download/http.ts");
    return await get(source, { env: deployment.env, timeout: TIMEOUT, signal: session.signal });
  } catch (cause) {
    throw downloadFailed(
      `Cannot get ${source}`,
      cause,
      "Set the option 'python-source' to another URL or a file.",
    );
  }
}
