import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { PythonDistribution } from "../../src/index.ts";

export interface Made {
  name: string;
  version?: string;
  /** Lines of the group console_scripts. */
  scripts?: string[];
  /** Path in the egg -> content. */
  files?: Record<string, string>;
  /** Name of a file next to METADATA -> content. */
  metadata?: Record<string, string>;
  developed?: boolean;
}

/** A distribution as installed in `folder`, written by hand. */
export function makeDistribution(folder: string, made: Made): PythonDistribution {
  const { name, version = "1.0", scripts, files = {}, developed = false } = made;
  const metadata = path.join(folder, "EGG-INFO");
  const texts: Record<string, string> = {
    "EGG-INFO/PKG-INFO": `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    ...(scripts && { "EGG-INFO/entry_points.txt": `[console_scripts]\n${scripts.join("\n")}\n` }),
    ...files,
  };
  for (const [file, text] of Object.entries(made.metadata ?? {})) texts[`EGG-INFO/${file}`] = text;
  for (const [file, text] of Object.entries(texts)) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return { kind: "python", name, version, location: folder, metadata, developed, shared: false };
}
