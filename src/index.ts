/** The public API for authors of recipes, plugins and fabfiles. */

export { type UnpackRequest, unpackArchive } from "./buildout/archive/index.ts";
export { writeFileAtomically } from "./buildout/atomic.ts";
export { type CommandRequest, runCommand } from "./buildout/command.ts";
export {
  type DownloadedFile,
  type DownloadRequest,
  type DownloadSettings,
  download,
  downloadSettings,
  removeTemporary,
} from "./buildout/download.ts";
export {
  booleanOption,
  EGG_OPTIONS,
  eggPlaces,
  eggsOf,
  eggsWorkingSet,
  initializeEggs,
  initializeScripts,
  SCRIPT_OPTIONS,
  scriptSettings,
} from "./buildout/eggs.ts";
export type { Extension, ExtensionContext } from "./buildout/extension.ts";
export { NOT_THERE } from "./buildout/not-there.ts";
export { findPlugin, type Plugin } from "./buildout/plugin.ts";
export { codeWorkingSet } from "./buildout/provided.ts";
export { repr } from "./buildout/python-repr.ts";
export type {
  BuildoutContext,
  InstalledPaths,
  Log,
  OptionSpec,
  OptionSpecs,
  OptionValues,
  Part,
  RecipeDefinition,
  WorkingSetOptions,
} from "./buildout/recipe.ts";
export { defineRecipe } from "./buildout/recipe.ts";
export { formatSection } from "./buildout/section-format.ts";
export type { Section } from "./config/index.ts";
export type { DevelopPackage, Distribution, Release } from "./distributions/distribution.ts";
export type { Bin, NodeInstallation, NodeInstallRequest } from "./distributions/index.ts";
export {
  installNodePackages,
  nodeDistributions,
  packageBins,
  writeWhole,
} from "./distributions/index.ts";
export { withLock } from "./distributions/lock.ts";
export { lastLines, type ProcessResult, runProcess } from "./distributions/process.ts";
export type {
  EntryPoint,
  PythonDevelopPackage,
  PythonDistribution,
} from "./distributions/python/distribution.ts";
export { parseEntryPoint, readEntryPoints } from "./distributions/python/entry-points.ts";
export type { ExtensionBuild } from "./distributions/python/extension-build.ts";
export { normalizeName } from "./distributions/python/requirement.ts";
export { pathExpression } from "./distributions/python/script-text.ts";
export { type ScriptsRequest, writeScripts } from "./distributions/python/scripts.ts";
export { versionsOf } from "./distributions/versions.ts";
export { BuildoutError, didYouMean, messageOf } from "./error/index.ts";
export { quote } from "./host/quote.ts";
export { api } from "./hostout/fabfile/api.ts";
export type { ReleaseContents } from "./hostout/fabfile/release.ts";
export type { CommandResult } from "./hostout/fabfile/result.ts";
export { parallel, serial, task } from "./hostout/fabfile/task.ts";
