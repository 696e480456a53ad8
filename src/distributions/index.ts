export type { DevelopPackage, Distribution, Release } from "./distribution.ts";
export { readDevelopPackage } from "./node/manifest.ts";
