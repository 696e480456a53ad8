/** Uncompressed archives for the few small files of a stub. */

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}

function fields(...values: [size: 2 | 4, value: number][]): Buffer {
  return Buffer.concat(
    values.map(([size, value]) => {
      const buffer = Buffer.alloc(size);
      buffer.writeUIntLE(value, 0, size);
      return buffer;
    }),
  );
}

/** A zip file (PKWARE's APPNOTE) with these texts by name, dated 1980-01-01. */
export function storedZip(files: ReadonlyMap<string, string>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of files) {
    const data = Buffer.from(text);
    const path = Buffer.from(name);
    const common = fields(
      [2, 20],
      [2, 0x800],
      [2, 0],
      [2, 0],
      [2, 0x21],
      [4, crc32(data)],
      [4, data.length],
      [4, data.length],
      [2, path.length],
      [2, 0],
    );
    const entry = Buffer.concat([fields([4, 0x04034b50]), common, path, data]);
    const attributes = fields([2, 0], [2, 0], [2, 0], [4, 0o100644 * 65536], [4, offset]);
    central.push(fields([4, 0x02014b50], [2, 0x314]), common, attributes, path);
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const { size } = files;
  const end = fields([4, 0x06054b50], [2, 0], [2, 0], [2, size], [2, size], [4, directory.length]);
  return Buffer.concat([...local, directory, end, fields([4, offset], [2, 0])]);
}
