import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { storedZip } from "../../src/distributions/python/installers/zip.ts";

export interface WheelContent {
  /** Further lines of METADATA: `Requires-Dist: six`. */
  metadata?: readonly string[];
  entryPoints?: string;
  /** Path in the wheel -> content. */
  files?: Record<string, string>;
  tag?: string;
}

/** Writes a wheel with a module named after the project, which knows its version. */
export function writeWheel(
  folder: string,
  name: string,
  version: string,
  { metadata = [], entryPoints, files, tag = "py3-none-any" }: WheelContent = {},
): string {
  const module = name.replace(/[-_.]+/g, "_");
  const info = `${module}-${version}.dist-info`;
  const content = new Map(
    Object.entries(files ?? { [`${module}.py`]: `version = "${version}"\n` }),
  );
  const head = ["Metadata-Version: 2.1", `Name: ${name}`, `Version: ${version}`, ...metadata, ""];
  content.set(`${info}/METADATA`, head.join("\n"));
  content.set(
    `${info}/WHEEL`,
    `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
  );
  if (entryPoints !== undefined) content.set(`${info}/entry_points.txt`, entryPoints);
  const record = [...content.keys(), `${info}/RECORD`].map((file) => `${file},,\n`);
  content.set(`${info}/RECORD`, record.join(""));
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${module}-${version}-${tag}.whl`);
  writeFileSync(file, storedZip(content));
  return file;
}
