import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Member, writeArchive } from "../../support/archives.ts";
import { CONFIGURE, sources } from "../../support/cmmi-project.ts";

const command = fileURLToPath(new URL("../../../bin/buildout", import.meta.url));

/** Folders of their own for the buildouts, for their cache and for temporary files. */
function workplace(members: Member[]) {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "cmmi-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["cache", "tmp", "a", "b"]) mkdirSync(path.join(folder, name));
  writeArchive(path.join(folder, "foo.tgz"), members);
  return {
    path: (name: string) => path.join(folder, name),
    /** Starts a buildout in the directory `name`. */
    start(name: string, options = "", args: string[] = []) {
      writeFileSync(
        path.join(folder, name, "buildout.cfg"),
        `[buildout]\nparts = foo\ndownload-cache = ${folder}/cache\n[foo]\nrecipe = zc.recipe.cmmi\nurl = ${folder}/foo.tgz\n${options}\n`,
      );
      const child = spawn(process.execPath, [command, ...args], {
        cwd: path.join(folder, name),
        env: { ...process.env, HOME: folder, TMPDIR: path.join(folder, "tmp") },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let out = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (data) => {
          out += data;
        });
      }
      const ended = new Promise<{ status: number | NodeJS.Signals | null; out: string }>((done) => {
        child.on("close", (status, by) => done({ status: status ?? by, out }));
      });
      return { child, ended };
    },
  };
}

/** Builds only once the file `go` is next to the buildouts; `run` counts the starts. */
const waiting = (folder: string) =>
  CONFIGURE.replace(
    "#!/bin/sh\n",
    `#!/bin/sh\necho run >> ${folder}/runs\nuntil [ -e ${folder}/go ]; do sleep 0.1; done\n`,
  );

function waitingWorkplace() {
  const w = workplace([]);
  writeArchive(w.path("foo.tgz"), sources("", waiting(path.dirname(w.path("a")))));
  const runs = () =>
    existsSync(w.path("runs")) ? readFileSync(w.path("runs"), "utf8").split("\n").length - 1 : 0;
  return { ...w, runs };
}

const shown = (names: string[]) => names.filter((name) => !name.startsWith(".buildout-lock"));

describe("two buildouts that share a build", () => {
  test("build it once: the second one waits", async () => {
    const w = waitingWorkplace();
    const first = w.start("a", "shared = true");
    await vi.waitFor(() => expect(w.runs()).toBe(1), 120_000);
    const second = w.start("b", "shared = true");
    const waited = new Promise<void>((done) => {
      second.child.stdout.on("data", (data) => String(data).includes("waiting for it") && done());
    });
    await waited;
    writeFileSync(w.path("go"), "");
    expect((await first.ended).status).toBe(0);
    const { status, out } = await second.ended;
    expect([status, w.runs()]).toEqual([0, 1]);
    expect(out).toMatch(/Another buildout \(process \d+\) is building in .*using existing shared/s);
  });

  test.each(["SIGINT", "SIGKILL"] as const)(
    "are not left with half of it by %s",
    async (signal) => {
      const w = waitingWorkplace();
      const first = w.start("a", "shared = true");
      await vi.waitFor(() => expect(w.runs()).toBe(1), 120_000);
      first.child.kill(signal);
      await first.ended;
      writeFileSync(w.path("go"), "");
      const { status, out } = await w.start("b", "shared = true").ended;
      expect([status, w.runs()]).toEqual([0, 2]);
      expect(out).toContain("Unpacking and configuring");
      const [built = ""] = shown(readdirSync(w.path("cache/cmmi/build")));
      expect(existsSync(w.path(`cache/cmmi/build/${built}/bin/foo`))).toBe(true);
      expect(shown(readdirSync(w.path("cache/cmmi/build")))).toHaveLength(1);
    },
  );
});

test("an interrupted build of the part's own is taken back", async () => {
  const w = waitingWorkplace();
  const { child, ended } = w.start("a");
  await vi.waitFor(() => expect(w.runs()).toBe(1), 120_000);
  expect(existsSync(w.path("a/parts/foo"))).toBe(true);
  child.kill("SIGINT");
  expect((await ended).status).toBe(130);
  expect(existsSync(w.path("a/parts/foo"))).toBe(false);
});

test("the whole output of a build is shown", async () => {
  const w = workplace(sources());
  const { out } = await w.start("a").ended;
  expect(out).toMatch(/configuring foo --prefix=.*building foo\ninstalling foo\n/s);
});

function hasCompiler(): boolean {
  try {
    execFileSync("cc", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!hasCompiler())("a program in C is compiled and runs", async () => {
  const configure = `#!/bin/sh
prefix=/usr/local
for word in "$@"; do case $word in --prefix=*) prefix=\${word#*=} ;; esac; done
sed -e "s|@prefix@|$prefix|" -e "s|@CFLAGS@|$CFLAGS|" Makefile.in > Makefile
`;
  const makefile = `hello: hello.c
	cc @CFLAGS@ -o hello hello.c
install: hello
	mkdir -p "@prefix@/bin"
	cp hello "@prefix@/bin/hello"
`;
  const program = "#include <stdio.h>\nint main(void) { return puts(WORD) < 0; }\n";
  const w = workplace([
    { name: "hello-1/configure", data: configure, mode: 0o755 },
    { name: "hello-1/Makefile.in", data: makefile },
    { name: "hello-1/hello.c", data: program },
  ]);
  const { status } = await w.start("a", `environment = CFLAGS=-O1 -DWORD='"hello"'`).ended;
  expect(status).toBe(0);
  expect(execFileSync(w.path("a/parts/foo/bin/hello"), { encoding: "utf8" })).toBe("hello\n");
  expect(readdirSync(w.path("tmp"))).toEqual([]);
});
