/** The program that bench/releases.ts measures: releases of develop packages, in a process of its own. */
import { Pips } from "../../src/distributions/python/installers/pip-command.ts";
import { releasePackages } from "../../src/distributions/release/release.ts";

export async function main([executable, distDirectory, ...folders]: string[]): Promise<void> {
  const search = { index: undefined, noIndex: true, findLinks: [] };
  const python = { executable: executable!, search, pips: new Pips(), report: () => {} };
  const packages = { folders, distDirectory: distDirectory!, python, underWay: new Map() };
  const found = await releasePackages({ ...packages, onRelease() {} });
  process.stdout.write(`${found.filter(({ built }) => built).length} built\n`);
}
