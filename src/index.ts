/** The public API for authors of recipes, plugins and fabfiles. */

export { PythonError } from "./bridge/failure.ts";
export { codeWorkingSet } from "./bridge/provided.ts";
export { type UnpackRequest, unpackArchive } from "./buildout/kit/archive/unpack.ts";
export { type CommandRequest, runCommand } from "./buildout/kit/command.ts";
export {
  type DownloadedFile,
  type DownloadRequest,
  type DownloadSettings,
  download,
  downloadSettings,
  removeTemporary,
} from "./buildout/kit/download.ts";
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
} from "./buildout/kit/eggs.ts";
export { lastingDirectory } from "./buildout/kit/lasting-directory.ts";
export { partDirectory } from "./buildout/kit/part-directory.ts";
export { findPlugin, type Plugin } from "./buildout/kit/plugin.ts";
export { formatSection } from "./buildout/kit/section-format.ts";
export type { Section } from "./config/resolve/section.ts";
export type { Extension, ExtensionContext } from "./contract/extension.ts";
export { NOT_THERE } from "./contract/not-there.ts";
export type {
  BuildoutContext,
  InstalledPaths,
  LintContext,
  LintProblem,
  OptionSpec,
  OptionSpecs,
  OptionValues,
  Part,
  RecipeDefinition,
  WorkingSetOptions,
} from "./contract/recipe.ts";
export { defineRecipe } from "./contract/recipe.ts";
export { api } from "./deploy/fabfile/api.ts";
export type { PythonProgram } from "./deploy/fabfile/python-program.ts";
export type { ReleaseContents } from "./deploy/fabfile/release-contents.ts";
export type { CommandResult } from "./deploy/fabfile/result.ts";
export { parallel, serial, task } from "./deploy/fabfile/task.ts";
export type { HostLocation } from "./deploy/host/location.ts";
export { type HostOptionProblem, hostOptionProblems } from "./deploy/part/option-problems.ts";
export { partNameProblem } from "./deploy/part/part-name.ts";
export type { DevelopPackage, Distribution, Release } from "./distributions/distribution.ts";
export type { Bin } from "./distributions/node/bins.ts";
export { packageBins } from "./distributions/node/bins.ts";
export type {
  NodeInstallation,
  NodeInstallRequest,
} from "./distributions/node/install-packages.ts";
export { installNodePackages } from "./distributions/node/install-packages.ts";
export { nodeDistributions } from "./distributions/node/lockfile.ts";
export { runNpm } from "./distributions/node/npm.ts";
export type { ExtensionBuild } from "./distributions/python/extension-build.ts";
export type {
  EntryPoint,
  PythonDevelopPackage,
  PythonDistribution,
} from "./distributions/python/python-distribution.ts";
export { normalizeName } from "./distributions/python/requirement.ts";
export { parseEntryPoint, readEntryPoints } from "./distributions/python/scripts/entry-points.ts";
export { pathExpression } from "./distributions/python/scripts/script-text.ts";
export { type ScriptsRequest, writeScripts } from "./distributions/python/scripts/scripts.ts";
export { versionsOf } from "./distributions/versions.ts";
export type { ErrorCode } from "./errors/codes.ts";
export { BuildoutError, messageOf } from "./errors/error.ts";
export { didYouMean, nearest } from "./errors/nearest.ts";
export type { HostoutEvent } from "./events/deployment.ts";
export type { EngineEvent } from "./events/engine.ts";
export type { Log } from "./events/log.ts";
export type { Reporter } from "./events/reporter.ts";
export { dirname } from "./pythonic/path.ts";
export { lines, repr, strip, stripStart, words } from "./pythonic/text.ts";
export { quote } from "./ssh/commands/quote.ts";
export { shellCommand } from "./ssh/commands/shell-program.ts";
export { withLock } from "./system/lock.ts";
export { makeDirectory } from "./system/make-directory.ts";
export { lastLines, type ProcessResult, runProcess } from "./system/process.ts";
export { renameDurably } from "./system/rename-durably.ts";
export { writeFileAtomically } from "./system/write-atomically.ts";
