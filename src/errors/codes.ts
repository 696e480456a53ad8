import { CONFIGURATION } from "./codes/configuration-codes.ts";
import { CONNECTION } from "./codes/connection-codes.ts";
import { DEPLOYMENT } from "./codes/deployment-codes.ts";
import { DOWNLOADS } from "./codes/downloads-codes.ts";
import { GENERAL } from "./codes/general-codes.ts";
import { LINT } from "./codes/lint-codes.ts";
import { MACHINES } from "./codes/machine-codes.ts";
import { PACKAGES } from "./codes/packages-codes.ts";
import { RECIPES } from "./codes/recipes-codes.ts";
import type { CodeTable } from "./codes/table.ts";

/**
 * Empty in the published types, so that recipes can throw their own codes. In this project,
 * `only-known-codes.d.ts` fills it in.
 * @public
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be filled in
export interface CodeRules {}

/** The codes of a `BuildoutError`: ours, and those added by authors of other recipes. */
export type ErrorCode =
  | keyof typeof GENERAL
  | keyof typeof CONFIGURATION
  | keyof typeof DOWNLOADS
  | keyof typeof PACKAGES
  | keyof typeof RECIPES
  | keyof typeof CONNECTION
  | keyof typeof DEPLOYMENT
  | keyof typeof MACHINES
  | (CodeRules extends { onlyKnown: true } ? never : string & {});

/** Codes of warnings about a configuration; `lint` reports these and errors. */
export type WarningCode = keyof typeof LINT;

/** All codes by subject, as `docs/errors.md` lists them. */
export const CODE_CHAPTERS: ReadonlyMap<string, CodeTable> = new Map<string, CodeTable>([
  ["General", GENERAL],
  ["Configuration", CONFIGURATION],
  ["Downloads and archives", DOWNLOADS],
  ["Packages", PACKAGES],
  ["Recipes and extensions", RECIPES],
  ["Connection", CONNECTION],
  ["Deployment", DEPLOYMENT],
  ["Machines at providers", MACHINES],
  ["Warnings", LINT],
]);
