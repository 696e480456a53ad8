import { writeFileSync } from "node:fs";
import { crc32, gzipSync } from "node:zlib";
import { Header } from "tar";

/** A member that a test adds to an archive. */
export interface Member {
  name: string;
  data?: string;
  mode?: number;
  /** A symbolic link to this. */
  symlink?: string;
  /** A hard link to this; tar only. */
  hardlink?: string;
}

/** The bytes of a tar archive with these members, whatever their names. */
export function tarOf(members: readonly Member[]): Buffer {
  const blocks = members.map(({ name, data = "", mode = 0o644, symlink, hardlink }) => {
    const folder = name.endsWith("/");
    const type = symlink ? "SymbolicLink" : hardlink ? "Link" : folder ? "Directory" : "File";
    const bytes = Buffer.from(type === "File" ? data : "");
    const linkpath = symlink ?? hardlink;
    const mtime = new Date("2001-02-03T04:05:06Z");
    const header = new Header({
      path: name,
      mode,
      size: bytes.length,
      mtime,
      ...(linkpath && { linkpath }),
    });
    header.type = type;
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    return Buffer.concat([block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The bytes of a zip archive, which go `start` bytes into a file, with these members as they are. */
export function zipOf(members: readonly Member[], start = 0): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = start;
  for (const { name, data = "", mode = 0o644, symlink } of members) {
    const bytes = Buffer.from(symlink ?? data);
    const nameBytes = Buffer.from(name);
    const type = symlink ? 0o120000 : name.endsWith("/") ? 0o040000 : 0o100000;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    local.push(Buffer.from("PK\x03\x04"), common, nameBytes, bytes);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((type | mode) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from("PK\x01\x02"), Buffer.from([20, 3]), common, tail, nameBytes);
    offset += 30 + nameBytes.length + bytes.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from("PK\x05\x06"), end]);
}

/** Writes an archive; the end of its name decides its kind. */
export function writeArchive(file: string, members: readonly Member[]): string {
  const tar = () => (file.endsWith("gz") ? gzipSync(tarOf(members)) : tarOf(members));
  writeFileSync(file, file.endsWith(".zip") ? zipOf(members) : tar());
  return file;
}
