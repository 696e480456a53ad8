import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect } from "../../../src/ssh/connect.ts";
import type { HostConnection } from "../../../src/ssh/connection.ts";
import { cuttingProxy } from "../../support/proxy.ts";
import {
  eventually,
  isRoot,
  login,
  nobody,
  scratchFolder,
  servers,
  type TestServer,
  targetOf,
} from "../../support/servers.ts";

describe.each(servers)("files on $name", ({ name: kind, start, missing, limited }) => {
  describe.skipIf(missing)(missing ?? "", () => {
    let local: string;
    let server: TestServer;
    let host: HostConnection;
    /** An empty directory on the host for each test. */
    let remote: string;
    let count = 0;

    beforeAll(async () => {
      local = await scratchFolder();
      server = await start();
      host = await login(server, local);
    });
    afterAll(async () => {
      await host?.close();
      await server?.close();
      await rm(local, { recursive: true, force: true });
    });
    beforeEach(async () => {
      remote = join(server.home, `test${count++}`);
      await host.mkdir(remote);
    });

    test.each(["a".repeat(255), "ä".repeat(127), "\u{1F600}".repeat(63)])(
      "a name as long as names can be goes there and back (%#)",
      async (name) => {
        await host.put(Buffer.from("long"), `${remote}/${name}`);
        await host.get(`${remote}/${name}`, join(local, name));
        expect(await readFile(join(local, name), "utf8")).toBe("long");
        await host.getDirectory(remote, join(local, "long-names"));
        expect(await readdir(join(local, "long-names"))).toEqual([name]);
        await rm(join(local, "long-names"), { recursive: true });
        mkdirSync(join(local, "folder", name), { recursive: true });
        await host.putDirectory(join(local, "folder", name), `${remote}/d/${name}`.slice(0, -1));
        await rm(join(local, "folder"), { recursive: true });
      },
    );

    test("a name that is too long is named, with its length; nothing is left of the attempt", async () => {
      const name = "ä".repeat(128);
      const tooLong = {
        code: "remote-failure",
        message: expect.stringMatching(`^A name for \\S+ is too long, 256 bytes: ${name}$`),
      };
      for (const path of [`${remote}/${name}`, `${remote}/${name}/file`]) {
        await expect(host.put(Buffer.from("long"), path)).rejects.toMatchObject(tooLong);
        await expect(host.get(path, join(local, "short"))).rejects.toMatchObject(tooLong);
        await expect(host.mkdir(path)).rejects.toMatchObject(tooLong);
      }
      expect(await readdir(remote)).toEqual([]);
      await host.put(Buffer.from("long"), `${remote}/short`);
      await expect(host.get(`${remote}/short`, join(local, name))).rejects.toMatchObject({
        code: "local-not-writable",
        message: `Cannot write ${join(local, name)}: name too long`,
      });
    });

    test("a download replaces a file, and nothing else", async () => {
      await host.put(Buffer.from("text"), `${remote}/text`);
      const there = await mkdtemp(join(local, "there-"));
      execFileSync("mkfifo", [join(there, "pipe")]);
      execFileSync("ln", ["-s", "/dev/null", join(there, "null")]);
      for (const [target, kind] of [
        ["pipe", "a named pipe"],
        ["null", "a device"],
        ["", "a directory"],
      ]) {
        await expect(host.get(`${remote}/text`, join(there, target!))).rejects.toMatchObject({
          code: "local-not-writable",
          message: expect.stringContaining(`${kind}, not a regular file`),
        });
      }
      expect((await readdir(there)).sort()).toEqual(["null", "pipe"]);
    });

    test("a named pipe, a device and a socket are refused at once, both ways", async () => {
      const pipe = join(local, `pipe${remote.length}`);
      execFileSync("mkfifo", [pipe, `${remote}/pipe`]);
      await expect(host.put(pipe, `${remote}/x`)).rejects.toMatchObject({
        code: "local-file-unreadable",
        message: expect.stringContaining("a named pipe, not a regular file"),
      });
      await expect(host.put("/dev/zero", `${remote}/x`)).rejects.toMatchObject({
        message: expect.stringContaining("a device"),
      });
      await expect(host.get(`${remote}/pipe`, join(local, "x"))).rejects.toMatchObject({
        code: "remote-not-readable",
        message: expect.stringContaining("a named pipe, not a regular file"),
      });
      await expect(host.readFile(`${remote}/pipe`)).rejects.toMatchObject({
        code: "remote-not-readable",
      });
      await host.sh(`ln -s /dev/null ${remote}/null`);
      for (const [name, what] of [
        ["pipe", "a named pipe"],
        ["null", "a device"],
      ]) {
        // The sandbox shows nothing outside its directory, so the link there is replaced.
        if (name !== "null" || kind !== "sandbox") {
          await expect(host.put(Buffer.from("x"), `${remote}/${name}`)).rejects.toMatchObject({
            code: "remote-not-writable",
            message: expect.stringMatching(`/${name} on \\S+ is ${what}, not a regular file$`),
          });
        }
        const source = join(local, `source${remote.length}-${name}`);
        mkdirSync(source);
        writeFileSync(join(source, name!), "x");
        await expect(host.putDirectory(source, remote)).rejects.toMatchObject({
          code: "upload-failed",
          output: `${remote}/${name} is ${what}, not a regular file`,
        });
      }
      expect((await readdir(remote)).sort()).toEqual(["null", "pipe"]);
      const socket = createServer();
      // The name of a socket may have 107 bytes.
      const short = join(local, "s");
      await new Promise<void>((resolve) => socket.listen(short, resolve));
      execFileSync("ln", [short, `${remote}/socket`]);
      await expect(host.put(short, `${remote}/x`)).rejects.toMatchObject({
        code: "local-file-unreadable",
        message: expect.stringContaining("a socket"),
      });
      await expect(host.get(`${remote}/socket`, join(local, "x"))).rejects.toMatchObject({
        code: "remote-not-readable",
        message: expect.stringContaining("a socket"),
      });
      socket.close();
    });

    test("a directory in the way of a file is reported as one", async () => {
      await host.mkdir(`${remote}/there`);
      await expect(host.put(Buffer.from("x"), `${remote}/there`)).rejects.toMatchObject({
        code: "remote-not-writable",
        message: expect.stringContaining("is a directory"),
      });
    });

    test("a link as target is replaced, and its own target is kept", async () => {
      await writeFile(`${remote}/real`, "real");
      symlinkSync("real", `${remote}/link`);
      await host.put(Buffer.from("new"), `${remote}/link`);
      expect(await readFile(`${remote}/real`, "utf8")).toBe("real");
      expect(await readFile(`${remote}/link`, "utf8")).toBe("new");
    });

    // The sandbox is written in Node, which cannot list such a name unchanged.
    if (kind === "sshd") {
      test("a name that is not UTF-8 is called that", async () => {
        execFileSync("sh", ["-c", `: > "$1/$(printf 'caf\\351')"`, "sh", remote]);
        await expect(host.getDirectory(remote, join(local, "latin1"))).rejects.toMatchObject({
          code: "remote-not-readable",
          message: expect.stringContaining("not UTF-8"),
        });
      });
    }

    test("an interrupted download ends at once and leaves nothing", async () => {
      await writeFile(`${remote}/big`, Buffer.alloc(64_000_000));
      const abort = new AbortController();
      const into = join(local, `interrupted${remote.length}`);
      mkdirSync(into, { recursive: true });
      const getting = host.get(`${remote}/big`, join(into, "big"), { signal: abort.signal });
      setImmediate(() => abort.abort());
      await expect(getting).rejects.toMatchObject({ code: "interrupted" });
      expect(await readdir(into)).toEqual([]);
    });

    test("bytes are uploaded with the requested mode, whatever the umask", async () => {
      await host.put(Buffer.from("hello"), `${remote}/a`, { mode: 0o770 });
      expect(await readFile(`${remote}/a`, "utf8")).toBe("hello");
      expect((await stat(`${remote}/a`)).mode & 0o7777).toBe(0o770);
      await host.put(Buffer.from("secret"), `${remote}/b`, { mode: 0o600 });
      expect((await stat(`${remote}/b`)).mode & 0o7777).toBe(0o600);
    });

    test("a file keeps its mode", async () => {
      writeFileSync(join(local, "tool"), "#!/bin/sh\n");
      chmodSync(join(local, "tool"), 0o755);
      await host.put(join(local, "tool"), `${remote}/tool`);
      expect((await stat(`${remote}/tool`)).mode & 0o7777).toBe(0o755);
    });

    test.each([
      0,
      1,
      32 * 1024,
      255 * 1024 - 1,
      255 * 1024,
      255 * 1024 + 1,
      8 * 255 * 1024,
      5_000_001,
    ])("%i bytes come over unchanged, and back", async (size) => {
      const bytes = randomBytes(size);
      const [source, back] = [join(local, "source"), join(local, "back")];
      writeFileSync(source, bytes);
      const progress: number[] = [];
      await host.put(source, `${remote}/file`, {
        onProgress: (done, total) => {
          expect(total).toBe(size);
          progress.push(done);
        },
      });
      expect((await readFile(`${remote}/file`)).equals(bytes)).toBe(true);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      if (size > 0) expect(progress.at(-1)).toBe(size);
      await host.get(`${remote}/file`, back);
      expect((await readFile(back)).equals(bytes)).toBe(true);
      expect((await host.readFile(`${remote}/file`)).equals(bytes)).toBe(true);
      expect(await readdir(remote)).toEqual(["file"]);
    });

    test("an existing file is replaced, not written over", async () => {
      await host.put(Buffer.from("a long old text"), `${remote}/f`);
      const before = await stat(`${remote}/f`);
      await host.put(Buffer.from("new"), `${remote}/f`);
      expect(await readFile(`${remote}/f`, "utf8")).toBe("new");
      expect((await stat(`${remote}/f`)).ino).not.toBe(before.ino);
    });

    test("names may hold anything that file systems allow", async () => {
      const name = 'it\'s a $(name) with\n"everything" äöü *?;&|';
      await host.put(Buffer.from("x"), `${remote}/${name}`);
      expect(await readdir(remote)).toEqual([name]);
      await host.getDirectory(remote, join(local, "any-names"));
      expect(await readdir(join(local, "any-names"))).toEqual([name]);
      await host.remove(`${remote}/${name}`);
      expect(await readdir(remote)).toEqual([]);
    });

    test.skipIf(limited)("a relative path begins at the home directory", async () => {
      await host.put(Buffer.from("x"), "at-home");
      expect(await readFile(join(server.home, "at-home"), "utf8")).toBe("x");
    });

    test("an upload into a directory that does not exist is reported", async () => {
      await expect(host.put(Buffer.from("x"), `${remote}/no/file`)).rejects.toMatchObject({
        code: "remote-file-missing",
        message: expect.stringContaining(`${remote}/no/file`),
      });
    });

    test("a local file that does not exist is the user's mistake", async () => {
      await expect(host.put(join(local, "absent"), `${remote}/f`)).rejects.toMatchObject({
        code: "local-file-unreadable",
      });
      await expect(host.put(local, `${remote}/f`)).rejects.toMatchObject({
        code: "local-file-unreadable",
      });
      expect(await readdir(remote)).toEqual([]);
    });

    test("a directory that may not be written to is named", async () => {
      const locked = server.name === "sandbox" ? "/proc" : "/etc";
      await expect(host.put(Buffer.from("x"), `${locked}/hostout-test`)).rejects.toMatchObject({
        code: "remote-not-writable",
        message: expect.stringContaining(`${locked}/hostout-test`),
      });
    });

    test("reading a missing file is an error", async () => {
      const missingFile = { code: "remote-file-missing" };
      await expect(host.readFile(`${remote}/no`)).rejects.toMatchObject(missingFile);
      await expect(host.get(`${remote}/no`, join(local, "absent"))).rejects.toMatchObject(
        missingFile,
      );
      await expect(host.getDirectory(`${remote}/no`, join(local, "empty"))).rejects.toMatchObject(
        missingFile,
      );
      expect((await readdir(local)).filter((name) => name.includes("absent"))).toEqual([]);
      expect(await host.exists(`${remote}/no`)).toBe(false);
      expect(await host.stat(`${remote}/no`)).toBeUndefined();
      await host.remove(`${remote}/no`);
    });

    test("directories are created with their parents, and renamed files replace others", async () => {
      await host.mkdir(`${remote}/a/b/c`);
      await host.mkdir(`${remote}/a/b/c`);
      expect((await host.stat(`${remote}/a/b/c`))?.isDirectory()).toBe(true);
      await host.put(Buffer.from("1"), `${remote}/one`);
      await host.put(Buffer.from("2"), `${remote}/two`);
      await host.rename(`${remote}/one`, `${remote}/two`);
      expect(await readFile(`${remote}/two`, "utf8")).toBe("1");
      expect(await host.exists(`${remote}/one`)).toBe(false);
      await expect(host.mkdir(`${remote}/two/below`)).rejects.toThrow();
    });

    test("a small upload takes four round trips", async () => {
      await host.put(Buffer.from("first"), `${remote}/f`);
      const before = host.roundTrips;
      await host.put(Buffer.from("second"), `${remote}/f`);
      expect(host.roundTrips - before).toBe(4);
    });

    test("many parallel uploads share one channel", async () => {
      const names = Array.from({ length: 60 }, (_, i) => `f${i}`);
      await Promise.all(names.map((name) => host.put(Buffer.from(name), `${remote}/${name}`)));
      expect((await readdir(remote)).sort()).toEqual(names.sort());
      for (const name of names) expect(await readFile(`${remote}/${name}`, "utf8")).toBe(name);
    });

    test("an aborted upload leaves the old file and nothing else", async () => {
      await host.put(Buffer.from("old"), `${remote}/f`);
      const abort = new AbortController();
      const upload = host.put(randomBytes(5_000_000), `${remote}/f`, {
        signal: abort.signal,
        onProgress: () => abort.abort(),
      });
      await expect(upload).rejects.toMatchObject({ code: "interrupted" });
      expect(await readdir(remote)).toEqual(["f"]);
      expect(await readFile(`${remote}/f`, "utf8")).toBe("old");
    });

    test("a connection cut in an upload leaves the old file; the next upload tidies up", async () => {
      await host.put(Buffer.from("old"), `${remote}/f`);
      const proxy = await cuttingProxy(server.port);
      const cut = await connect({ ...targetOf(server, local), port: proxy.port }, nobody(local));
      try {
        await cut.exec("true");
        proxy.cutAfter(1_000_000);
        await expect(cut.put(randomBytes(5_000_000), `${remote}/f`)).rejects.toMatchObject({
          code: "connection-lost",
        });
        await expect(cut.exec("true")).rejects.toMatchObject({ code: "connection-lost" });
        await expect(cut.stat("/")).rejects.toMatchObject({ code: "connection-lost" });
      } finally {
        await cut.close();
        await proxy.close();
      }
      expect(await readFile(`${remote}/f`, "utf8")).toBe("old");
      const left = (await readdir(remote)).filter((name) => name !== "f");
      expect(left).toEqual([expect.stringMatching(/^\.f\..*\.hostout-part$/)]);

      const again = await login(server, local);
      await again.put(Buffer.from("new"), `${remote}/f`);
      await again.close();
      expect(await readdir(remote)).toEqual(["f"]);
      expect(await readFile(`${remote}/f`, "utf8")).toBe("new");
    });

    test("another machine's unfinished upload is left alone until it is old", async () => {
      const recent = ".f.00000000-zzzzzz-0.hostout-part";
      const old = ".f.00000000-zzzzzz-1.hostout-part";
      for (const name of [recent, old]) await writeFile(join(remote, name), "x");
      await utimes(join(remote, old), Date.now() / 1000 - 3600, Date.now() / 1000 - 3600);
      if (isRoot && server.name === "sshd") await giveToUser(remote);
      const fresh = await login(server, local);
      await fresh.put(Buffer.from("x"), `${remote}/f`);
      await fresh.close();
      expect((await readdir(remote)).sort()).toEqual([recent, "f"]);
    });

    const noDisk = isRoot ? undefined : "only root can mount a small disk";
    test.skipIf(noDisk)("a full disk is called a full disk, and is left as it was", async () => {
      const disk = join(remote, "disk");
      await mkdir(disk);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
      try {
        await chmod(disk, 0o777);
        await host.put(Buffer.from("old"), `${disk}/f`);
        await expect(host.put(randomBytes(3_000_000), `${disk}/f`)).rejects.toMatchObject({
          code: "remote-disk-full",
          message: expect.stringContaining(`${disk}/f`),
        });
        expect(await readdir(disk)).toEqual(["f"]);
        expect(await readFile(`${disk}/f`, "utf8")).toBe("old");
        await host.put(Buffer.from("room again"), `${disk}/f`);
      } finally {
        execFileSync("umount", [disk]);
      }
    });

    test.skipIf(noDisk)("a full disk here keeps the file to be replaced", async () => {
      const disk = join(local, `disk${count}`);
      await mkdir(disk);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
      try {
        await writeFile(`${disk}/f`, "old");
        await writeFile(`${remote}/big`, randomBytes(3_000_000));
        await expect(host.get(`${remote}/big`, `${disk}/f`)).rejects.toMatchObject({
          code: "local-not-writable",
          message: expect.stringContaining("no space left"),
        });
        expect(await readdir(disk)).toEqual(["f"]);
        expect(await readFile(`${disk}/f`, "utf8")).toBe("old");
      } finally {
        execFileSync("umount", [disk]);
      }
    });

    test("a file with holes is transferred as it reads", async () => {
      await writeFile(join(local, "holes"), "");
      await truncate(join(local, "holes"), 8_000_000);
      await host.put(join(local, "holes"), `${remote}/holes`);
      await host.get(`${remote}/holes`, join(local, "holes-back"));
      const back = await readFile(join(local, "holes-back"));
      expect(back.equals(Buffer.alloc(8_000_000))).toBe(true);
    });

    test("a directory is transferred both ways with modes and links", async () => {
      const source = join(local, `tree${count}`);
      mkdirSync(join(source, "deep/er"), { recursive: true });
      mkdirSync(join(source, "empty"));
      for (let i = 0; i < 50; i++) writeFileSync(join(source, "deep", `f${i}`), `file ${i}`);
      writeFileSync(join(source, "deep/er/tool"), "#!/bin/sh\n");
      chmodSync(join(source, "deep/er/tool"), 0o755);
      writeFileSync(join(source, "it's $x"), "");
      symlinkSync("deep/f1", join(source, "link"));
      const target = `${remote}/it's $(here)`;

      await host.putDirectory(source, target);
      execFileSync("diff", ["-r", source, target]);
      expect(await readlink(join(target, "link"))).toBe("deep/f1");
      expect((await stat(join(target, "deep/er/tool"))).mode & 0o777).toBe(0o755);

      const back = join(local, `back${count}`);
      await host.getDirectory(target, back);
      execFileSync("diff", ["-r", source, back]);
      expect(await readlink(join(back, "link"))).toBe("deep/f1");
      expect((await stat(join(back, "deep/er/tool"))).mode & 0o777).toBe(0o755);

      // Again, into the existing directory: only uploaded files change.
      await host.put(Buffer.from("host only"), `${target}/own`);
      writeFileSync(join(source, "deep/f1"), "changed");
      await host.putDirectory(source, target);
      expect(await readFile(join(target, "deep/f1"), "utf8")).toBe("changed");
      expect(await readFile(join(target, "own"), "utf8")).toBe("host only");
      expect((await readdir(remote)).length).toBe(1);
    });

    test("a directory of many files is fetched without a warning of Node", async () => {
      const folder = join(local, "twenty");
      mkdirSync(folder);
      for (let at = 0; at < 20; at++) writeFileSync(join(folder, String(at)), "");
      await host.putDirectory(folder, `${remote}/twenty`);
      const warnings: Error[] = [];
      const warn = (warning: Error) => warnings.push(warning);
      process.on("warning", warn);
      try {
        const { signal } = new AbortController();
        await host.getDirectory(`${remote}/twenty`, join(local, "twenty-back"), signal);
        expect((await readdir(join(local, "twenty-back"))).length).toBe(20);
        expect(warnings).toEqual([]);
      } finally {
        process.off("warning", warn);
      }
    });

    test("a directory is transferred with its times, and without files that have no content", async () => {
      const source = join(local, `timed${count}`);
      mkdirSync(join(source, "deep"), { recursive: true });
      execFileSync("mkfifo", [join(source, "deep/pipe")]);
      const socket = createServer();
      await new Promise<void>((resolve) => socket.listen(join(source, "deep/socket"), resolve));
      const time = new Date("2024-02-03T04:05:06Z");
      for (const folder of ["deep", "."]) await utimes(join(source, folder), time, time);
      const kinds = [
        { path: join(source, "deep/pipe"), kind: "a named pipe" },
        { path: join(source, "deep/socket"), kind: "a socket" },
      ];
      const leftOut = await host.putDirectory(source, `${remote}/t`);
      socket.close();
      expect(leftOut.sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(kinds);
      for (const folder of ["deep", "."]) {
        expect((await stat(join(remote, "t", folder))).mtime).toEqual(time);
      }
      expect(await readdir(join(remote, "t/deep"))).toEqual([]);
    });

    test("a directory put into another one replaces links and running programs, and follows no link", async () => {
      const source = join(local, "merged");
      for (const folder of ["deep", "away"]) mkdirSync(join(source, folder), { recursive: true });
      for (const name of ["deep/link", "deep/.new", "program"]) {
        writeFileSync(join(source, name), "new", { mode: 0o640 });
      }
      chmodSync(join(source, "deep"), 0o750);
      await host.sh(
        `cd ${remote} && mkdir deep else && echo old > old && ln -s ../old deep/link && touch deep/own &&
        cp "$(command -v sleep)" program`,
      );
      const running = spawn(join(remote, "program"), ["600"]);
      await once(running, "spawn");
      await host.putDirectory(source, remote);
      running.kill();
      expect(await readFile(join(remote, "old"), "utf8")).toBe("old\n");
      for (const name of ["deep/link", "deep/.new", "program"]) {
        expect(await readFile(join(remote, name), "utf8")).toBe("new");
        expect((await lstat(join(remote, name))).mode & 0o7777).toBe(0o640);
      }
      expect((await stat(join(remote, "deep"))).mode & 0o777).toBe(0o750);
      expect((await readdir(join(remote, "deep"))).sort()).toEqual([".new", "link", "own"]);
      await host.sh(`cd ${remote} && rmdir away && ln -s else away`);
      await expect(host.putDirectory(source, remote)).rejects.toMatchObject({
        output: `${remote}/away is not a directory`,
      });
      expect((await readdir(remote)).sort()).toEqual(["away", "deep", "else", "old", "program"]);
    });

    test("a directory that cannot be put is reported with the reason, and leaves nothing", async () => {
      const source = join(local, "some");
      mkdirSync(source, { recursive: true });
      writeFileSync(join(source, "f"), "x");
      for (const wrong of [join(local, "absent"), join(source, "f")]) {
        await expect(host.putDirectory(wrong, `${remote}/new`)).rejects.toMatchObject({
          code: "local-file-unreadable",
        });
      }
      await host.put(Buffer.from("x"), `${remote}/file`);
      await expect(host.putDirectory(source, `${remote}/file/below`)).rejects.toMatchObject({
        code: "upload-failed",
        output: expect.stringMatching(/not a directory/i),
      });
      expect(await readdir(remote)).toEqual(["file"]);
    });

    test("an interrupted upload of a directory ends and leaves nothing", async () => {
      const source = join(local, "large");
      mkdirSync(source, { recursive: true });
      await writeFile(join(source, "big"), randomBytes(64_000_000));
      const abort = new AbortController();
      const putting = host.putDirectory(source, `${remote}/large`, abort.signal);
      await eventually(async () => expect(await readdir(remote)).not.toEqual([]));
      abort.abort();
      await expect(putting).rejects.toMatchObject({ code: "interrupted" });
      await eventually(async () => expect(await readdir(remote)).toEqual([]));
    });

    test("a directory with a name that is not UTF-8 is refused with that name", async () => {
      const source = join(local, "latin1-names");
      execFileSync("sh", [
        "-c",
        `mkdir -p "$1/in" && : > "$1/in/$(printf 'caf\\351')"`,
        "sh",
        source,
      ]);
      await expect(host.putDirectory(source, `${remote}/new`)).rejects.toMatchObject({
        code: "local-file-unreadable",
        message: `Cannot read ${source}/in/caf\uFFFD: its name is not UTF-8`,
      });
      await eventually(async () => expect(await readdir(remote)).toEqual([]));
    });

    async function giveToUser(path: string) {
      const { uid, gid } = await stat(server.home);
      for (const name of await readdir(path)) await chown(join(path, name), uid, gid);
    }
  });
});
