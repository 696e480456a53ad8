import { dirname } from "node:path";
import type { DevelopPackage, Distribution } from "../distribution.ts";

/** A Python distribution that an interpreter can import from. */
export interface PythonDistribution extends Distribution {
  kind: "python";
  /** Absolute folder that goes on sys.path: the egg folder, or a develop package's source folder. */
  location: string;
  /** Absolute path of its `.dist-info` or `.egg-info` folder. */
  metadata: string;
  /** Whether `[buildout] develop` names it. */
  developed: boolean;
  /** Whether it is one of the interpreter's own. */
  shared: boolean;
}

/**
 * The folders that go on sys.path, in order. Where the metadata is not beside the code, as it can
 * be with packages under development, its folder is one of them: entry points are found at run time.
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

/** `name = module:attributes [extras]`, as entry_points.txt has it. */
export interface EntryPoint {
  name: string;
  module: string;
  /** `main` or `App.run`; empty where the entry point is the module. */
  attributes: string;
  extras: string[];
}
