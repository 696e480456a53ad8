/** Where a release goes on a host, and what must not be there. */
import { BuildoutError } from "../../errors/error.ts";
import type { Place } from "../host/release-state.ts";
import type { HostOptions } from "../part/options.ts";
import type { PlannedRelease } from "../release/deployment.ts";
import type { BundleFile } from "../release/fileset.ts";

/** Where a release is put. */
export function placeOf(
  { atomic, shared }: HostOptions,
  folders: PlannedRelease["folders"],
): Place {
  return atomic ? { shared } : { folders };
}

/** @throws BuildoutError `invalid-option` if a release contains a path that releases share */
export function checkShared(
  { name, atomic, shared }: HostOptions,
  files: readonly Pick<BundleFile, "path" | "kind">[],
): void {
  if (!atomic) return;
  for (const one of ["var", ...shared]) {
    const other = files.find(
      ({ path, kind }) =>
        `${path}/`.startsWith(`${one}/`) || (kind !== "directory" && one.startsWith(`${path}/`)),
    );
    if (other === undefined) continue;
    throw new BuildoutError(
      "invalid-option",
      `${name}:shared: releases share '${one}', but '${other.path}' belongs to a release.`,
      { hint: "Remove it from 'include', and put it on the host once, below 'path'." },
    );
  }
}
