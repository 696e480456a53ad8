import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { unpackArchive } from "../../../src/buildout/kit/archive/unpack.ts";
import { type Member, tarOf, writeArchive, zipOf } from "../../support/archives.ts";

function scratch(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "archive-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const PACKAGE: Member[] = [
  { name: "pkg-1/", mode: 0o755 },
  { name: "pkg-1/configure", data: "#!/bin/sh\n", mode: 0o775 },
  { name: "pkg-1/src/a.c", data: "int a;\n" },
];

interface Unpacked {
  folder: string;
  text(name: string): string;
  names(): string[];
}

async function unpack(source: string, more: object = {}): Promise<Unpacked> {
  const folder = path.join(path.dirname(source), "into");
  mkdirSync(folder);
  await unpackArchive({ source, folder, shown: "the archive", ...more });
  return {
    folder,
    text: (name) => readFileSync(path.join(folder, name), "utf8"),
    names: () => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort(),
  };
}

const COMPRESSORS = { gz: "gzip", bz2: "bzip2", xz: "xz" } as const;

describe("an archive", () => {
  test.each([
    ["tar", tarOf],
    ["zip", zipOf],
  ] as const)("of the form %s sets no setuid, setgid or sticky bit", async (form, make) => {
    const file = path.join(scratch(), `a.${form}`);
    const members: Member[] = [
      { name: "d/", mode: 0o3777 },
      { name: "d/run", data: "x", mode: 0o6755 },
      { name: "d/write", data: "x", mode: 0o1666 },
    ];
    writeFileSync(file, make(members));
    const { folder } = await unpack(file);
    const modes = ["d", "d/run", "d/write"].map((name) => statSync(path.join(folder, name)).mode);
    expect(modes.map((mode) => mode & 0o7777)).toEqual([0o777, 0o755, 0o666]);
  });

  test.each(["tar", "tar.gz", "tar.bz2", "tar.xz", "zip"])(
    "of the form %s is known by its content and unpacked",
    async (form) => {
      const file = path.join(scratch(), "5d41402abc");
      const members = form === "zip" ? zipOf(PACKAGE) : tarOf(PACKAGE);
      const program = COMPRESSORS[form.slice(4) as keyof typeof COMPRESSORS];
      writeFileSync(file, program ? execFileSync(program, ["-c"], { input: members }) : members);
      const { text, folder, names } = await unpack(file);
      expect(names()).toEqual(["pkg-1", "pkg-1/configure", "pkg-1/src", "pkg-1/src/a.c"]);
      expect(text("pkg-1/src/a.c")).toBe("int a;\n");
      // As the archive says, whatever the umask.
      expect(statSync(path.join(folder, "pkg-1/configure")).mode & 0o777).toBe(0o775);
      if (form !== "zip") {
        // `make` compares the times.
        const { mtime } = statSync(path.join(folder, "pkg-1/configure"));
        expect(mtime).toEqual(new Date("2001-02-03T04:05:06Z"));
      }
    },
  );

  test("may start with a program that unpacks it", async () => {
    const file = path.join(scratch(), "setup.run");
    const program = Buffer.from("#!/bin/sh\nexit\n");
    writeFileSync(file, Buffer.concat([program, zipOf(PACKAGE, program.length)]));
    expect((await unpack(file)).text("pkg-1/src/a.c")).toBe("int a;\n");
  });

  test("is unpacked with the included members only", async () => {
    for (const form of ["a.tar", "a.zip"]) {
      const file = writeArchive(path.join(scratch(), form), PACKAGE);
      const { names } = await unpack(file, { include: (name: string) => !name.includes("src") });
      expect(names()).toEqual(["pkg-1", "pkg-1/configure"]);
    }
  });

  test("keeps links that stay inside", async () => {
    for (const form of ["a.tar", "a.zip"]) {
      const link = { name: "pkg-1/src/link", symlink: "../configure" };
      const file = writeArchive(path.join(scratch(), form), [...PACKAGE, link]);
      const { folder, text } = await unpack(file, { linkLevels: 1 });
      expect(readlinkSync(path.join(folder, "pkg-1/src/link"))).toBe("../configure");
      expect(text("pkg-1/src/link")).toBe("#!/bin/sh\n");
    }
  });

  test("can be a directory, which is copied", async () => {
    const source = path.join(scratch(), "sources");
    mkdirSync(path.join(source, "src"), { recursive: true });
    writeFileSync(path.join(source, "src/x"), "x");
    chmodSync(path.join(source, "src/x"), 0o6755);
    const { folder } = await unpack(source);
    expect(statSync(path.join(folder, "src/x")).mode & 0o7777).toBe(0o755);
  });
});

describe("an archive that leads outside its directory is refused", () => {
  const evil: [string, Member[]][] = [
    ["an absolute path", [{ name: "/tmp/evil", data: "x" }]],
    ["a path with ..", [{ name: "a/../../evil", data: "x" }]],
    ["a link to an absolute path", [{ name: "a", symlink: "/etc/passwd" }]],
    ["a link upwards", [{ name: "d/a", symlink: "../../evil" }]],
    [
      "a link by way of another",
      [
        { name: "d", symlink: "." },
        { name: "a", symlink: "d/../x" },
      ],
    ],
    [
      "a file written through a link",
      [
        { name: "l", symlink: "d" },
        { name: "d/", mode: 0o755 },
        { name: "l/evil", data: "x" },
      ],
    ],
    ["a hard link", [{ name: "a", hardlink: "../evil" }]],
  ];
  for (const form of ["tar", "zip"]) {
    test.each(evil.filter(([, [first]]) => form === "tar" || !first?.hardlink))(
      `${form}: %s`,
      async (_, members) => {
        const folder = scratch();
        writeFileSync(path.join(folder, "evil"), "untouched");
        const file = writeArchive(path.join(folder, `a.${form}`), members);
        await expect(unpack(file)).rejects.toMatchObject({
          code: "unsafe-archive",
          message: expect.stringMatching(/^the archive is not unpacked: the (path|link) '/),
        });
        expect(readFileSync(path.join(folder, "evil"), "utf8")).toBe("untouched");
      },
    );
  }

  test("also when a link leaves the top directory that will be stripped", async () => {
    const members = [...PACKAGE, { name: "pkg-1/up", symlink: "../x" }];
    const file = writeArchive(path.join(scratch(), "a.tar"), members);
    await expect(unpack(file, { linkLevels: 1 })).rejects.toMatchObject({ code: "unsafe-archive" });
  });

  test("unless that member is left out", async () => {
    const members = [...PACKAGE, { name: "../evil", data: "x" }];
    const file = writeArchive(path.join(scratch(), "a.tar"), members);
    const { names } = await unpack(file, { include: (name: string) => name.startsWith("pkg-1") });
    expect(names()).toContain("pkg-1/configure");
  });
});

describe("what is not an archive", () => {
  test.each([
    ["a page", "<html>Not found</html>".repeat(100)],
    ["a short text", "x"],
    ["nothing", ""],
  ])("%s is said so", async (_, content) => {
    const file = path.join(scratch(), "a.tar.gz");
    writeFileSync(file, content);
    await expect(unpack(file)).rejects.toMatchObject({
      code: "unknown-archive",
      message: "the archive is not an archive of a known format.",
    });
  });

  test("a compressed file that is not an archive is reported as such", async () => {
    for (const program of ["gzip", "xz"]) {
      const file = path.join(scratch(), "a");
      writeFileSync(file, execFileSync(program, ["-c"], { input: "text\n".repeat(300) }));
      await expect(unpack(file)).rejects.toMatchObject({ code: "unknown-archive" });
    }
  });

  test("a truncated archive is damaged", async () => {
    const members = [{ name: "x", data: "many words ".repeat(20_000) }];
    const tar = tarOf(members);
    const gzip = gzipSync(tar);
    const xz = execFileSync("xz", ["-c"], { input: tar });
    const zip = zipOf(members);
    for (const bytes of [gzip, tar, xz, zip]) {
      const file = path.join(scratch(), "a");
      writeFileSync(file, bytes.subarray(0, bytes.length / 2));
      await expect(unpack(file)).rejects.toMatchObject({ code: "invalid-archive" });
    }
  });
});
