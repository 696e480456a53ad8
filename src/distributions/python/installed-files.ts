import { statSync } from "node:fs";
import { join } from "node:path";
import { type Metadata, readMetadata } from "./metadata.ts";
import { distributionsIn, type SharedDistribution } from "./site-packages.ts";

interface Known<Content> {
  stamp: string;
  content: Content;
}

/** The state of a file or directory; undefined if there is none, as in an archive. */
function stampOf(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true });
    return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(" ");
  } catch {
    return undefined;
  }
}

/**
 * What one run has read of installed distributions: the working sets of its recipes and parts have most of
 * them in common. A file that has changed is read again.
 */
export class InstalledFiles {
  private readonly metadata = new Map<string, Known<Metadata | undefined>>();
  private readonly folders = new Map<string, Known<ReadonlyMap<string, SharedDistribution>>>();

  /** See `readMetadata`. */
  readMetadata(folder: string): Metadata | undefined {
    return kept(this.metadata, folder, stampOf(join(folder, "METADATA")), () =>
      readMetadata(folder),
    );
  }

  /** See `distributionsIn`. */
  distributionsIn(location: string): ReadonlyMap<string, SharedDistribution> {
    return kept(this.folders, location, stampOf(location), () => distributionsIn(location));
  }
}

function kept<Content>(
  all: Map<string, Known<Content>>,
  path: string,
  stamp: string | undefined,
  read: () => Content,
): Content {
  const known = all.get(path);
  if (known !== undefined && known.stamp === stamp) return known.content;
  const content = read();
  if (stamp !== undefined) all.set(path, { stamp, content });
  return content;
}
