/** Sets the version of a release in wheels and source trees. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "smol-toml";
import { BuildoutError } from "../../errors/error.ts";
import { lastLines } from "../../system/process.ts";
import { runProgram } from "../python/program.ts";
import type { ContentFile } from "./content-hash.ts";
import { TOOL_FOLDER, TOOL_MODULE, TOOL_TEXT, type ToolSettings } from "./python-tool.ts";

/** A wheel with the version of a release. */
export interface RewrittenWheel {
  name: string;
  declared: string;
  version: string;
  /** Base name. */
  file: string;
  /** Names of the files in it. */
  files: string[];
  /** Whether it is for all platforms and Python implementations. */
  pure: boolean;
  /** The text of METADATA. */
  metadata: string;
}

/** Writes a wheel into `folder` with `+local` added to its version. */
export async function rewriteWheel(
  executable: string,
  wheel: string,
  local: string,
  folder: string,
): Promise<RewrittenWheel> {
  const tool = path.join(folder, `${TOOL_MODULE}.py`);
  await mkdir(folder, { recursive: true });
  await writeFile(tool, TOOL_TEXT);
  const command = [executable, tool, wheel, local, folder];
  const result = await runProgram({ command, cwd: folder });
  if (result.exitCode === 0) return JSON.parse(result.stdout) as RewrittenWheel;
  throw new BuildoutError("build-failed", `${path.basename(wheel)} is not a valid wheel.`, {
    output: lastLines(result.all),
  });
}

interface BuildSystem {
  requires?: string[];
  "build-backend"?: string;
  "backend-path"?: string[];
}

/** The files that wrap a source tree's own backend with the tool. */
export function wrapping(
  content: readonly ContentFile[],
  settings: Pick<ToolSettings, "local" | "list">,
): ContentFile[] {
  const text = content.find((file) => file.path === "pyproject.toml")?.data.toString("utf8");
  const pyproject = parse(text ?? "");
  const system = (pyproject["build-system"] ?? {}) as BuildSystem;
  const wrapped = {
    requires: system.requires ?? ["setuptools>=40.8.0", "wheel"],
    "build-backend": TOOL_MODULE,
    "backend-path": [TOOL_FOLDER],
  };
  const own: ToolSettings = {
    backend: system["build-backend"] ?? "setuptools.build_meta:__legacy__",
    "backend-path": system["backend-path"] ?? [],
    ...settings,
  };
  return Object.entries({
    [`${TOOL_FOLDER}/${TOOL_MODULE}.py`]: TOOL_TEXT,
    [`${TOOL_FOLDER}/settings.json`]: `${JSON.stringify(own)}\n`,
    "pyproject.toml": `${stringify({ ...pyproject, "build-system": wrapped })}\n`,
  }).map(([name, data]) => ({ path: name, executable: false, data: Buffer.from(data) }));
}
