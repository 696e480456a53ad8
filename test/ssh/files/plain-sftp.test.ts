import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2, { type SFTPWrapper } from "ssh2";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connect } from "../../../src/ssh/connect.ts";
import type { HostConnection } from "../../../src/ssh/connection.ts";
import { makeKey, nobody } from "../../support/servers.ts";

const STATUS = ssh2.utils.sftp.STATUS_CODE;

/**
 * Files in memory, served with SFTP 3 and no extension: a write fails while another is not done, and a read
 * returns less than was asked for.
 */
function serve(sftp: SFTPWrapper, files: Map<string, Buffer>) {
  let open = "";
  let writing = false;
  sftp.on("OPEN", (id, path: string, flags: number) => {
    if (path.includes("break")) return sftp.end();
    open = path;
    if (flags & ssh2.utils.sftp.OPEN_MODE.WRITE) files.set(path, Buffer.alloc(0));
    sftp.handle(id, Buffer.from("h"));
  });
  sftp.on("STAT", (id, path: string) => {
    const size = files.get(path)?.length;
    if (size === undefined) return sftp.status(id, STATUS.NO_SUCH_FILE);
    sftp.attrs(id, { size, mode: 0o100644, uid: 0, gid: 0, atime: 0, mtime: 0 });
  });
  sftp.on("READ", (id, _handle, offset: number, length: number) => {
    const shrinks = open.includes("shrinks") && offset > 1_000_000;
    if (shrinks) files.set(open, files.get(open)!.subarray(0, 300_000));
    const bytes = files.get(open)!.subarray(offset, offset + Math.min(length, 10_000));
    if (bytes.length === 0) return sftp.status(id, STATUS.EOF);
    sftp.data(id, bytes);
  });
  sftp.on("WRITE", (id, _handle, offset: number, data: Buffer) => {
    if (open.includes("cut")) return sftp.end();
    if (writing) return sftp.status(id, STATUS.FAILURE);
    writing = true;
    const bytes = Buffer.from(data);
    setTimeout(() => {
      const old = files.get(open)!;
      const grown = Buffer.concat([
        old,
        Buffer.alloc(Math.max(0, offset + bytes.length - old.length)),
      ]);
      bytes.copy(grown, offset);
      files.set(open, grown);
      writing = false;
      sftp.status(id, STATUS.OK);
    }, 1);
  });
  sftp.on("FSETSTAT", (id) => sftp.status(id, STATUS.OK));
  sftp.on("CLOSE", (id) => sftp.status(id, STATUS.OK));
  sftp.on("OPENDIR", (id) => sftp.status(id, STATUS.PERMISSION_DENIED));
  sftp.on("REMOVE", (id, path: string) =>
    sftp.status(id, files.delete(path) ? STATUS.OK : STATUS.NO_SUCH_FILE),
  );
  sftp.on("RENAME", (id, from: string, to: string) => {
    if (files.has(to)) return sftp.status(id, STATUS.FAILURE);
    files.set(to, files.get(from)!);
    files.delete(from);
    sftp.status(id, STATUS.OK);
  });
}

let folder: string;
let server: ssh2.Server;
let host: HostConnection;
const files = new Map<string, Buffer>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hostout-host-test-"));
  const hostKeys = [readFileSync(makeKey(join(folder, "key")))];
  server = new ssh2.Server({ hostKeys }, (connection) => {
    connection.on("error", () => {});
    connection.on("authentication", (context) => context.accept());
    connection.on("session", (accept) => {
      accept().on("sftp", (acceptSftp) => serve(acceptSftp(), files));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  host = await connect({ host: "127.0.0.1", port, user: "u", acceptNew: true }, nobody(folder));
});
afterEach(() => files.clear());
afterAll(async () => {
  await host.close();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await rm(folder, { recursive: true, force: true });
});

test("an upload sends one write at a time if the server supports no more", async () => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
  await host.put(bytes, "/file");
  expect(files.get("/file")!.equals(bytes)).toBe(true);
});

test("a download asks for the rest of what a server returns in smaller pieces", async () => {
  const bytes = Buffer.from(Array.from({ length: 3_000_001 }, (_, i) => i % 251));
  files.set("/file", bytes);
  await host.get("/file", join(folder, "file"));
  expect(readFileSync(join(folder, "file")).equals(bytes)).toBe(true);
  expect((await host.readFile("/file")).equals(bytes)).toBe(true);
});

test("a file that becomes shorter while it is read ends where it ends then", async () => {
  const bytes = Buffer.from(Array.from({ length: 3_000_001 }, (_, i) => i % 251));
  for (const read of [
    () => host.readFile("/shrinks"),
    () => host.get("/shrinks", join(folder, "f")).then(() => readFileSync(join(folder, "f"))),
  ]) {
    files.set("/shrinks", bytes);
    const result = await read();
    expect(result.length).toBeLessThan(bytes.length);
    expect(result.equals(bytes.subarray(0, result.length))).toBe(true);
  }
});

test("an existing file is replaced also without posix-rename", async () => {
  await host.put(Buffer.from("old"), "/again");
  await host.put(Buffer.from("new"), "/again");
  expect(String(files.get("/again"))).toBe("new");
  expect([...files.keys()]).toEqual(["/again"]);
});

test("a channel that the server closes is reported, and opened again for the next upload", async () => {
  for (const path of ["/break", "/cut"]) {
    await expect(host.put(Buffer.from("x"), path)).rejects.toMatchObject({
      code: "connection-lost",
      message: expect.stringContaining("closed the SFTP channel"),
    });
  }
  await host.put(Buffer.from("x"), "/after");
  expect(String(files.get("/after"))).toBe("x");
});
