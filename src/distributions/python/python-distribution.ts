import { dirname } from "node:path";
import type { DevelopPackage, Distribution } from "../distribution.ts";

/** A Python distribution that an interpreter can import from. */
export interface PythonDistribution extends Distribution {
  kind: "python";
  /** Absolute folder that goes on sys.path: the egg folder, or a develop package's source folder. */
  location: string;
  /** Absolute path of its `.dist-info` or `.egg-info` folder. */
  metadata: string;
  /** Whether it is in `[buildout] develop`. */
  developed: boolean;
  /** Whether it is one of the interpreter's own. */
  shared: boolean;
}

/**
 * The directories for sys.path, in order. If the metadata of a develop package is not next to the code, its
 * directory is included, so that entry points are found at run time.
 */
export function searchPath(
  distributions: Iterable<Pick<PythonDistribution, "location" | "metadata">>,
): string[] {
  const folders = new Set<string>();
  for (const { location, metadata } of distributions) {
    folders.add(dirname(metadata));
    folders.add(location);
  }
  return [...folders];
}

/** A Python package developed in this buildout. */
export interface PythonDevelopPackage extends DevelopPackage {
  kind: "python";
  /** Absolute folder that goes on sys.path: `folder` itself or its `src`, for instance. */
  location: string;
  /** Absolute path of its `.dist-info` or `.egg-info` folder. */
  metadata: string;
}

export function isPythonDevelopPackage(item: DevelopPackage): item is PythonDevelopPackage {
  return item.kind === "python";
}

/** `name = module:attributes [extras]`, as in entry_points.txt. */
export interface EntryPoint {
  name: string;
  module: string;
  /** `main` or `App.run`; empty if the entry point is the module. */
  attributes: string;
  extras: string[];
}
