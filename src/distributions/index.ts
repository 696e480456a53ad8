export { writeWhole } from "./atomic.ts";
export type { DevelopPackage, Distribution, Release } from "./distribution.ts";
export { nodeDistributions } from "./node/lockfile.ts";
export { readDevelopPackage } from "./node/manifest.ts";
export { releasePackage } from "./node/release.ts";
export { versionsOf } from "./versions.ts";
