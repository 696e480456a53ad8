import { statSync } from "node:fs";
import { basename } from "node:path";
import type { PackageFile } from "../plan/steps.ts";
import type { Deployment } from "../release/deployment.ts";

/** The develop packages as archives. */
export async function packageFiles(
  deployment: Pick<Deployment, "packages">,
): Promise<PackageFile[]> {
  return (await deployment.packages()).map(({ name, version, file }) => {
    return { name, version, file: basename(file), bytes: statSync(file).size };
  });
}
