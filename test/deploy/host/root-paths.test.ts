import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { giveBackScript, ownershipScript } from "../../../src/deploy/host/ownership.ts";
import {
  makeFoldersScript,
  moveInScript,
  runAsRootScript,
} from "../../../src/deploy/host/root-program.ts";
import { attacked } from "../../support/attacker.ts";
import { usersMissing } from "../../support/servers.ts";

describe.skipIf(usersMissing)(`root acting on paths of others ${usersMissing ?? ""}`, () => {
  const id = randomBytes(5).toString("hex");
  const [builder, runner, third] = [`hob${id}`, `hor${id}`, `hot${id}`];
  const group = `hog${id}`;
  const owners = { buildoutUser: builder, effectiveUser: runner, group };
  let uid: Record<string, number>;
  let scratch: string;
  let path: string;
  let cache: string;
  let canary: string;

  beforeAll(() => {
    execFileSync("groupadd", [group]);
    for (const user of [builder, runner, third]) {
      execFileSync("useradd", ["-M", "-g", group, "-s", "/bin/sh", user]);
    }
    const number = (user: string) => Number(execFileSync("id", ["-u", user], { encoding: "utf8" }));
    uid = { root: 0, builder: number(builder), runner: number(runner), third: number(third) };
  });
  afterAll(() => {
    for (const user of [builder, runner, third]) {
      spawnSync("pkill", ["-KILL", "--ns", String(process.pid), "--nslist", "pid", "-u", user]);
      spawnSync("userdel", ["--force", user]);
    }
    spawnSync("groupdel", [group]);
  });

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "hostout-root-"));
    chmodSync(scratch, 0o755);
    // The target of an attacker: files and a directory of root.
    canary = join(scratch, "canary");
    make("canary/secret", "root", "root's\n", 0o600);
    make("canary/open", "root", "root's\n", 0o666);
    chmodSync(canary, 0o755);
    make("srv/app/bin/app", "builder");
    make("srv/app/var/log/x", "runner");
    make("srv/cache/eggs/egg", "builder");
    path = join(scratch, "srv/app");
    cache = join(scratch, "srv/cache");
    chownSync(join(scratch, "srv"), 0, 0);
  });
  afterEach(() => {
    expect(untouched()).toEqual(UNTOUCHED);
    rmSync(scratch, { recursive: true, force: true });
  });

  /** A file, and its directories, of one user. */
  function make(name: string, user: string, text = "", mode = 0o640): string {
    const file = join(scratch, name);
    const missing: string[] = [];
    for (let at = dirname(file); !lstatSync(at, { throwIfNoEntry: false }); at = dirname(at)) {
      missing.push(at);
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    for (const one of [file, ...missing]) chownSync(one, uid[user]!, gidOf());
    return file;
  }
  let gid: number | undefined;
  function gidOf(): number {
    gid ??= Number(execFileSync("id", ["-g", builder], { encoding: "utf8" }));
    return gid;
  }

  const of = (file: string) => {
    const { uid, mode } = lstatSync(file);
    return `${uid} ${(mode & 0o7777).toString(8)}`;
  };
  const UNTOUCHED = ["0 755", "0 666", "0 600", "open,secret", "root's\n", true];
  function untouched(): unknown[] {
    const files = ["open", "secret"].map((name) => join(canary, name));
    return [
      of(canary),
      ...files.map(of),
      readdirSync(canary).join(),
      readFileSync(files[1]!, "utf8"),
      // Attackers may write the other one themselves, and empty it by mistake.
      ["root's\n", ""].includes(readFileSync(files[0]!, "utf8")),
    ];
  }
  const ownerOf = (name: string) => lstatSync(join(scratch, name)).uid;

  const shells = [["dash"], ["busybox", "sh"]];
  /** Runs a program as root, in turn in each shell. */
  let turn = 0;
  function asRoot(text: string) {
    const [command, ...args] = shells[turn++ % shells.length]!;
    return spawnSync(command!, [...args, "-c", text], { encoding: "utf8", cwd: "/" });
  }
  function succeed(text: string): string {
    const { status, stdout, stderr } = asRoot(text);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return stdout;
  }

  describe("setowners", () => {
    const setOwners = () => asRoot(ownershipScript(path, cache, owners));

    test("gives code and data to their users", () => {
      make("srv/app/parts/x/new\nline", "root");
      make("srv/app/var/log/old", "builder", "", 0o600);
      make("srv/app/var/up loads/it's", "third");
      make("srv/cache/eggs/other", "runner");
      symlinkSync(canary, join(path, "var/link"));
      succeed(ownershipScript(path, cache, owners));
      for (const name of ["app/parts/x/new\nline", "app/parts/x", "cache/eggs/other"]) {
        expect(ownerOf(`srv/${name}`), name).toBe(uid.builder);
      }
      for (const name of ["log/old", "up loads", "up loads/it's", "link"]) {
        expect(ownerOf(`srv/app/var/${name}`), name).toBe(uid.runner);
      }
      expect(of(join(path, "var/log/old"))).toBe(`${uid.runner} 660`);
      expect(of(join(path, "var/up loads"))).toBe(`${uid.runner} 2770`);
    });

    test("touches nothing of root's while the effective user swaps directories for links", async () => {
      await attacked(
        runner,
        path,
        `for i in 1 2 3 4 5 6 7 8 9; do mkdir var/$i; chmod g-s var/$i; : > var/$i/secret; done
for i in 1 2 3 4 5 6 7 8 9; do rm -rf var/$i; ln -s ${canary} var/$i; done; rm -f var/[1-9]`,
        setOwners,
      );
    });

    test("touches nothing of root's while the buildout user swaps what it owns", async () => {
      await attacked(
        builder,
        path,
        `mv bin old; ln -s ${canary} bin; rm bin; mv old bin; mv var old; ln -s ${canary} var; rm var; mv old var`,
        setOwners,
      );
    });

    test("does not give away a file that has another name elsewhere", async () => {
      linkSync(join(canary, "secret"), join(path, "var/log/mine"));
      const { stderr, status } = setOwners();
      expect(stderr).toBe("./mine has several names and keeps its owner\n");
      expect(status).toBe(0);
      rmSync(join(path, "var/log/mine"));
      await attacked(
        runner,
        path,
        `rm -f var/log/x; ln ${canary}/open var/log/x; rm -f var/log/x; : > var/log/x`,
        setOwners,
      );
    });

    test("refuses a path in which a third user could replace something", () => {
      chownSync(join(scratch, "srv"), uid.third!, 0);
      const { status, stderr } = setOwners();
      expect(status).toBe(1);
      expect(stderr).toBe(`root does nothing in ${scratch}/srv, which belongs to ${third}\n`);
      chownSync(join(scratch, "srv"), 0, gidOf());
      chmodSync(join(scratch, "srv"), 0o775);
      expect(setOwners().stderr).toContain(`${scratch}/srv, which others than root can change`);
    });

    test("takes a directory in the buildout user's home, but nothing else in its place", () => {
      const home = make("home/app/bin/app", "builder").replace(/\/app\/bin\/app$/, "");
      make("home/app/parts/x", "root");
      succeed(ownershipScript(join(home, "app"), cache, owners));
      expect(ownerOf("home/app/parts/x")).toBe(uid.builder);
      rmSync(join(home, "app"), { recursive: true });
      symlinkSync(canary, join(home, "app"));
      const { status, stderr } = asRoot(ownershipScript(join(home, "app"), cache, owners));
      expect(status).toBe(1);
      expect(stderr).toContain(`root does nothing in ${canary}: ${builder} could put it in`);
    });

    test("follows only root's links in /tmp", () => {
      symlinkSync(path, join(scratch, "ours"));
      make("srv/app/parts/x", "root");
      succeed(ownershipScript(join(scratch, "ours"), cache, owners));
      expect(ownerOf("srv/app/parts/x")).toBe(uid.builder);
      chmodSync(scratch, 0o1777);
      succeed(ownershipScript(join(scratch, "ours"), cache, owners));
      execFileSync("chown", ["-h", third, join(scratch, "ours")]);
      expect(asRoot(ownershipScript(join(scratch, "ours"), cache, owners)).stderr).toContain(
        "which another user has made",
      );
    });
  });

  describe("giving back", () => {
    const giveBack = (...parts: string[]) => asRoot(giveBackScript(path, cache, owners, parts));

    test("leaves root the files of its parts, and data alone", () => {
      for (const name of ["parts/a b/x", "parts/c/x", "bin/new", "var/data"]) {
        make(`srv/app/${name}`, "root");
      }
      make("srv/cache/eggs/new", "root");
      succeed(giveBackScript(path, cache, owners, ["a b", "none"]));
      const given = [
        "app/parts",
        "app/parts/a b",
        "app/parts/c/x",
        "app/bin/new",
        "cache/eggs/new",
      ];
      for (const name of given) expect(ownerOf(`srv/${name}`), name).toBe(uid.builder);
      for (const name of ["parts/a b/x", "var/data"]) expect(ownerOf(`srv/app/${name}`)).toBe(0);
    });

    test("touches nothing of root's while the buildout user swaps what it owns", async () => {
      make("srv/app/parts/x/root's", "root");
      await attacked(
        builder,
        path,
        `mv bin old; ln -s ${canary} bin; rm bin; mv old bin
rm -f bin/l; ln ${canary}/open bin/l; rm -f bin/l; : > bin/l`,
        () => {
          make("srv/app/parts/x/root's", "root");
          giveBack();
        },
      );
    });

    test("touches nothing of root's in the place of parts that root has built, and of the cache", async () => {
      for (let number = 0; number < 10; number++) {
        make(`srv/app/parts/part/in${number}/secret`, "root");
        make(`srv/cache/eggs/${number}/secret`, "root");
      }
      const swap = (name: string) =>
        `mv ${name} ${name}.was; ln -s ${canary} ${name}; rm ${name}; mv ${name}.was ${name}`;
      const names = ["parts/part", "parts/part/in1", "parts/part/in9", "parts"];
      const swaps = [...names, `${cache}/eggs`, `${cache}/eggs/3`].map(swap).join("; ");
      await attacked(builder, path, swaps, () => {
        // Root has created them again.
        spawnSync("chown", ["-R", "-h", "root", join(path, "parts"), join(cache, "eggs")]);
        giveBack("part");
        giveBack();
      });
    });
  });

  describe("making directories", () => {
    const makeFolders = (...folders: string[]) =>
      asRoot(makeFoldersScript(builder, group, folders));

    test("gives the last one to the user", () => {
      expect(makeFolders(join(scratch, "new/app"), join(scratch, "new/cache"))).toMatchObject({
        status: 0,
        stderr: "",
      });
      expect(of(join(scratch, "new"))).toBe("0 755");
      expect(of(join(scratch, "new/app"))).toBe(`${uid.builder} 750`);
    });

    test("refuses if the user, or a third one, can swap it", () => {
      make("home/x", "builder");
      symlinkSync(canary, join(scratch, "home/app"));
      expect(makeFolders(join(scratch, "home/app")).stderr).toBe(
        `root does nothing in ${scratch}/home, which belongs to ${builder}\n`,
      );
    });

    test("takes nothing that another user made in /tmp", () => {
      chmodSync(scratch, 0o1777);
      make("app/x", "third");
      expect(makeFolders(join(scratch, "app")).stderr).toBe(
        `root does nothing with app in ${scratch}, which another user has made\n`,
      );
      expect(makeFolders(join(scratch, "new"))).toMatchObject({ status: 0, stderr: "" });
      expect(ownerOf("new")).toBe(uid.builder);
    });

    const remove = (...names: string[]) =>
      spawnSync("rm", ["-rf", "--", ...names.map((name) => join(scratch, name))]);

    test("gives away nothing of root's while others swap the new directory for a link", async () => {
      chmodSync(scratch, 0o1777);
      const swap = (name: string) =>
        `mkdir ${name}; rmdir ${name}; ln -s ${canary} ${name}; mv ${name} ${name}x; rm -f ${name}x`;
      const folders = ["one", "two/app", "three"].map((name) => join(scratch, name));
      await attacked(
        third,
        scratch,
        `${swap("one")}; ${swap("two")}; ${swap("three")}`,
        () => {
          for (const folder of folders) makeFolders(folder);
          remove("one", "two", "three");
        },
        30,
      );
      await attacked(builder, scratch, `${swap("one/sub")}; ${swap("one/eggs")}`, () => {
        makeFolders(folders[0]!, join(folders[0]!, "sub"), join(folders[0]!, "eggs"));
        remove("one");
      });
    });
  });

  describe("putting a file as root", () => {
    const staged = () => make("staged/conf", "root", "new\n");

    test("replaces a link, and writes into no link that a user puts in its way", async () => {
      const file = staged();
      make("srv/app/etc/conf", "builder", "old\n");
      const put = () => asRoot(moveInScript(file, join(path, "etc/conf"), "conf", 0o644));
      expect(put()).toMatchObject({ status: 0, stderr: "", stdout: join(path, "etc/conf") });
      expect(of(join(path, "etc"))).toBe(`${uid.builder} 755`);
      expect(of(join(path, "etc/conf"))).toBe("0 644");
      const swap = (name: string) => `rm -rf ${name}; ln -s ${canary}/open ${name}`;
      await attacked(
        builder,
        path,
        `${swap("etc/conf")}; ${swap("etc/conf.put")}; mv etc e; ln -s ${canary} etc; rm etc; mv e etc`,
        put,
      );
    });

    test("joins a directory of a user, and follows no link in it", async () => {
      staged();
      make("staged/sub/open", "root", "new\n");
      make("srv/app/staged/kept", "builder");
      succeed(moveInScript(join(scratch, "staged"), path, "staged"));
      expect(readdirSync(join(path, "staged")).sort()).toEqual(["conf", "kept", "sub"]);
      rmSync(join(path, "staged/sub"), { recursive: true });
      make("srv/app/staged/sub/x", "builder");
      await attacked(
        builder,
        path,
        `mv staged/sub s; ln -s ${canary} staged/sub; rm -rf staged/sub; mv s staged/sub
rm -f staged/sub/open; ln -s ${canary}/open staged/sub/open`,
        () => asRoot(moveInScript(join(scratch, "staged"), path, "staged")),
      );
    });
  });

  describe("building as root", () => {
    const build = () =>
      asRoot(runAsRootScript({ path, below: "" }, builder, ["bin/app", "one", "two words"]));

    test("runs the buildout user's program in its directory", () => {
      make("srv/app/bin/app", "builder", '#!/bin/sh\necho "$(id -u)" "$PWD" "$@"\n', 0o755);
      expect(build()).toMatchObject({ status: 0, stdout: `0 ${path} one two words\n` });
    });

    test("runs it in the directory of a release, with the lock of programs", () => {
      make(
        "srv/app/bin/app",
        "builder",
        '#!/bin/sh\necho "$0 $PWD $1"; cat ../../.hostout/working\n',
        0o755,
      );
      make("srv/app/.hostout/working", "builder");
      make("srv/app/releases/7/file", "builder");
      const script = runAsRootScript({ path, below: "releases/7" }, builder, ["bin/app", "one"]);
      const { status, stdout } = asRoot(script);
      expect(stdout).toMatch(
        /^\.\.\/\.\.\/bin\/app .*\/srv\/app\/releases\/7 one\nwhat=a build as root\n/,
      );
      expect(status).toBe(0);
    });

    test("holds the lock of programs until it ends, whatever daemon it starts", () => {
      make("srv/app/.hostout/working", "builder");
      const daemon = "sleep 1000 <&- >&- 2>&- & echo $! > var/pid";
      const tried = `flock -n .hostout/working true || cat .hostout/working\n${daemon}\nexit 3`;
      make("srv/app/var/pid", "builder");
      make("srv/app/bin/app", "builder", `#!/bin/sh\n${tried}\n`, 0o755);
      const { status, stdout } = build();
      expect(stdout).toMatch(/^what=a build as root\nsince=.*\npid=\d+\n$/);
      expect(status).toBe(3);
      const free = spawnSync("flock", ["-n", join(path, ".hostout/working"), "true"]);
      process.kill(Number(readFileSync(join(path, "var/pid"), "utf8")));
      expect(free.status).toBe(0);
    });

    test("runs nothing that the group or a third user can replace", () => {
      make("srv/app/bin/app", "builder", "#!/bin/sh\necho ran\n", 0o755);
      chmodSync(join(path, "bin"), 0o775);
      expect(build()).toMatchObject({ status: 1, stdout: "" });
      chmodSync(join(path, "bin"), 0o755);
      chownSync(path, uid.third!, gidOf());
      expect(build()).toMatchObject({ status: 1, stdout: "" });
    });

    test("runs nothing of a third user who swaps links, and the lock does no harm", async () => {
      make("srv/app/bin/app", "builder", "#!/bin/sh\necho the builder\n", 0o755);
      make("srv/app/.hostout/working", "builder");
      make("evil/bin/app", "third", "#!/bin/sh\necho the third\n", 0o755);
      chmodSync(scratch, 0o1777);
      const ours = join(scratch, "ours");
      const outputs = new Set<string>();
      const run = (folder: string) => () =>
        outputs.add(
          asRoot(runAsRootScript({ path: folder, below: "" }, builder, ["bin/app"])).stdout,
        );
      await attacked(
        third,
        scratch,
        `ln -s ${path} ours; ln -s ${scratch}/evil there; mv -T there ours; rm -f ours`,
        run(ours),
        30,
      );
      expect([...outputs].filter((text) => text !== "")).toEqual([]);
      await attacked(
        builder,
        path,
        `rm -f .hostout/working; ln -s ${canary}/secret .hostout/working; rm .hostout/working; : > .hostout/working
mv .hostout h; ln -s ${canary} .hostout; rm .hostout; mv h .hostout`,
        run(path),
      );
      expect(outputs).not.toContain("the third\n");
    });
  });
});
