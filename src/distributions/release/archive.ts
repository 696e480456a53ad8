import type { ContentFile } from "./content-hash.ts";

/** npm's own date for the files of a package: 1985-10-26, a time that every file system supports. */
const PACKAGE_TIME = new Date("1985-10-26T08:15:00Z");

/**
 * The bytes of a tar.gz archive (`<top>/` before each name), which depend only on the files: owner 0, one
 * fixed time, modes 0644 and 0755, the given order, no time in the gzip header.
 */
export async function packArchive(top: string, files: readonly ContentFile[]): Promise<Buffer> {
  const { Header, Pack, ReadEntry } = await import("tar");
  const pack = new Pack({ gzip: { level: 9 }, portable: true });
  for (const { path: name, executable, data } of files) {
    const header = new Header({
      path: `${top}/${name}`,
      mode: executable ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      size: data.length,
      type: "File",
      mtime: PACKAGE_TIME,
    });
    const entry = new ReadEntry(header);
    entry.end(data);
    pack.write(entry);
  }
  pack.end();
  return Buffer.concat(await pack.collect());
}
