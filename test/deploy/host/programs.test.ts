// Long because all programs are run by the same shells, among the same odd names.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accountsScript, authorizeScript, keyScript } from "../../../src/deploy/host/accounts.ts";
import {
  installScript,
  listScript,
  uninstallScript,
} from "../../../src/deploy/host/boot-service.ts";
import {
  describePlatform,
  parseNodes,
  SHOW_PLATFORM,
  showNodes,
} from "../../../src/deploy/host/host-node.ts";
import { parsePythons, showPythons } from "../../../src/deploy/host/host-python.ts";
import { parseHostOs, SHOW_HOST_OS } from "../../../src/deploy/host/operating-system.ts";
import { ownershipScript, ownPermissionsScript } from "../../../src/deploy/host/ownership.ts";
import buildPython from "../../../src/deploy/host/programs/build-python.sh?raw";
import installNode from "../../../src/deploy/host/programs/install-node.sh?raw";
import installZcBuildout from "../../../src/deploy/host/programs/install-zc-buildout.sh?raw";
import { moveInScript } from "../../../src/deploy/host/root-program.ts";
import { installEngineScript, setUpScript } from "../../../src/deploy/host/set-up.ts";
import { shellProgram } from "../../../src/ssh/commands/shell-program.ts";

/** Special to a shell in every way. */
const ODD = "it's $HOME; `false` *";

let scratch: string;
let path: string;
let cache: string;
let shell: readonly string[] = [];

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "hostout-programs-"));
  path = join(scratch, `${ODD} app`);
  cache = join(scratch, `${ODD} cache`);
  mkdirSync(path);
  mkdirSync(cache);
  mkdirSync(join(scratch, "tools"));
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, text = "", mode = 0o644): string {
  const whole = join(scratch, name);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  chmodSync(whole, mode);
  return whole;
}

const program = (name: string, body: string) => file(name, `#!/bin/sh\n${body}\n`, 0o755);
const read = (name: string) => readFileSync(join(scratch, name), "utf8");
const modeOf = (name: string) => (statSync(join(scratch, name)).mode & 0o7777).toString(8);

/** Shell functions that only print how they were called: BusyBox prefers its own tools to PATH. */
function said(...names: string[]): string {
  return names
    .map((name) => `${name}() { printf '${name}'; printf ' [%s]' "$@"; echo; }\n`)
    .join("");
}

function sh(text: string, input: string | Buffer = "") {
  const [command, ...args] = shell;
  const env = { ...process.env, HOME: scratch, PATH: `${scratch}/tools:${process.env.PATH}` };
  return spawnSync(command!, [...args, "-c", text], { input, encoding: "utf8", env, cwd: scratch });
}

function succeed(text: string, input: string | Buffer = ""): string {
  const { status, stdout, stderr } = sh(text, input);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
}

describe.each([["dash"], ["busybox", "sh"]])("in %s", (...words) => {
  beforeEach(() => {
    shell = words;
  });

  describe("users", () => {
    const SHADOW = said("groupadd", "useradd", "usermod", "chmod", "getent");
    /** No user exists, and no one is in the group. */
    const NOBODY = 'getent() { return 1; }; id() { [ "$1" = -Gn ] && echo users; }\n';

    test("are made with the group, and join it", () => {
      const made = succeed(`${SHADOW}${NOBODY}${accountsScript("no-such", "runs", "both", false)}`);
      expect(made.split("\n")).toEqual([
        "groupadd [both]",
        "useradd [-g] [both] [-s] [/bin/sh] [-m] [no-such]",
        "usermod [-p] [*] [no-such]",
        "chmod [750] [~no-such]",
        "useradd [-g] [both] [-s] [/bin/sh] [-M] [runs]",
        "usermod [-a] [-G] [both] [runs]",
        "",
      ]);
    });

    test("are created with BusyBox's tools if there are no others", () => {
      const command = `command() {
        case $2 in *add | *mod | getent) [ "$2" = adduser ] ;; esac
      }\n`;
      const tools = `${said("adduser", "addgroup", "chmod")}chpasswd() { echo "$1 $(cat)"; }\n`;
      const script = accountsScript("no-such", "runs", "both", false);
      expect(succeed(`${command}${tools}${NOBODY}${script}`).split("\n")).toEqual([
        "addgroup [both]",
        "adduser [-D] [-g] [] [-G] [both] [-s] [/bin/sh] [no-such]",
        "chmod [750] [~no-such]",
        "adduser [-D] [-H] [-g] [] [-G] [both] [-s] [/bin/sh] [runs]",
        "addgroup [runs] [both]",
        "",
      ]);
    });

    test("get the password on standard input", () => {
      const chpasswd = "chpasswd() { cat > password; }\n";
      const script = accountsScript("no-such", "runs", "both", true);
      succeed(`${SHADOW}${NOBODY}${chpasswd}${script}`, `${ODD}\n`);
      expect(read("password")).toBe(`no-such:${ODD}\n`);
    });

    test("that exist only join the group", () => {
      const there = "id() { echo users; }\n";
      const script = accountsScript("builds", "runs", "both", false);
      expect(succeed(`${SHADOW}${there}${script}`).split("\n")).toEqual([
        "usermod [-a] [-G] [both] [builds]",
        "usermod [-a] [-G] [both] [runs]",
        "",
      ]);
    });

    test("get a key authorized once, whatever its comment", () => {
      file(".ssh/authorized_keys", "ssh-rsa AAAA other", 0o664);
      succeed(authorizeScript(`ssh-ed25519 BBBB ${ODD}`));
      succeed(authorizeScript("ssh-ed25519 BBBB again"));
      expect(read(".ssh/authorized_keys")).toBe(`ssh-rsa AAAA other\nssh-ed25519 BBBB ${ODD}\n`);
      expect(modeOf(".ssh/authorized_keys")).toBe("644");
    });

    test("get it authorized by root, who acts as the user", () => {
      const su = `su() { printf 'su %s\\n' "$3"; /bin/sh -c "$5"; }\n`;
      const { username } = userInfo();
      expect(succeed(`${su}${keyScript(username, `ssh-ed25519 BBBB ${ODD}`)}`)).toBe(
        `su ${username}\n`,
      );
      expect(read(".ssh/authorized_keys")).toBe(`ssh-ed25519 BBBB ${ODD}\n`);
    });
  });

  describe("permissions", () => {
    const { username: user } = userInfo();
    const group = execFileSync("id", ["-gn"], { encoding: "utf8" }).trim();
    const inApp = (name: string) => join(`${ODD} app`, name);

    beforeEach(() => {
      for (const name of [inApp("bin/app"), join(`${ODD} cache`, "eggs/egg")])
        file(name, "", 0o666);
      file(inApp("var/log/x"), "", 0o604);
    });

    test.each([
      ["with a group", "660", group],
      ["without", "640", null],
    ])("of root's choice %s", (_, data, shared) => {
      succeed(
        ownershipScript(path, cache, { buildoutUser: user, effectiveUser: user, group: shared }),
      );
      expect(modeOf(inApp("bin/app"))).toBe("640");
      expect(modeOf(join(`${ODD} cache`, "eggs/egg"))).toBe("640");
      expect(modeOf(inApp("var/log/x"))).toBe(data);
      expect(modeOf(inApp("var/log"))).toBe(shared === null ? "750" : "2770");
    });

    test("never follow a link in place of var", () => {
      rmSync(join(path, "var"), { recursive: true });
      execFileSync("ln", ["-s", cache, join(path, "var")]);
      const owners = { buildoutUser: user, effectiveUser: user, group };
      const result = sh(ownershipScript(path, join(scratch, "none"), owners));
      expect(result.stderr).toBe("var is a link: what it leads to keeps its owner\n");
      expect(result.status).toBe(0);
      expect(modeOf(join(`${ODD} cache`, "eggs/egg"))).toBe("666");
    });

    test.each([
      ["with a group", "660", group],
      ["without", "640", null],
    ])("of the user's own files %s", (_, data, shared) => {
      succeed(ownPermissionsScript(path, cache, shared));
      expect(modeOf(inApp("bin/app"))).toBe("640");
      expect(modeOf(join(`${ODD} cache`, "eggs/egg"))).toBe("640");
      expect(modeOf(inApp("var/log/x"))).toBe(data);
    });
  });

  describe("the facts about a host", () => {
    test("are the Nodes on PATH and in the cache", () => {
      program("tools/node", "echo v20.1.0");
      const copy = program(`${ODD} cache/node/copy/bin/node`, "echo v18.20.4");
      file(`${ODD} cache/node/copy/bin/npm`);
      program(`${ODD} cache/node/torn/bin/node`, "exit 1");
      const nodes = parseNodes(succeed(showNodes(cache)));
      expect(nodes.map(({ version }) => version)).toEqual(["v20.1.0", "v18.20.4"]);
      expect(nodes[1]).toEqual({ executable: copy, version: "v18.20.4", npm: true });
    });

    test("are the Pythons that were built, then the one on PATH", () => {
      const python = (version: string) => `printf '%s %s\\n' ${version} "$0"`;
      const built = program(`${ODD} cache/python/3.11.9/bin/python3`, python("3.11.9"));
      const series = program("tools/python3.98", python("3.98.1"));
      const found = parsePythons(succeed(showPythons(undefined, cache, "3.98.1")));
      expect(found.slice(0, 2)).toEqual([
        { executable: built, version: "3.11.9" },
        { executable: series, version: "3.98.1" },
      ]);
      const own = program(`${ODD} own/bin/python3`, python("3.12.1"));
      const path = join(scratch, `${ODD} own`);
      const [first, ...rest] = parsePythons(succeed(showPythons(path, cache, undefined)));
      expect(first).toEqual({ executable: own, version: "3.12.1" });
      expect(rest.map(({ executable }) => executable)).not.toContain(built);
    });

    test("is a platform and a system", async () => {
      expect(describePlatform(succeed(SHOW_PLATFORM))).toMatch(/^linux \w+ (glibc|musl)$/);
      const text = execFileSync("cat", ["/etc/os-release"], { encoding: "utf8" });
      expect(await parseHostOs(succeed(SHOW_HOST_OS))).toEqual(await parseHostOs(text));
    });
  });

  describe("a service", () => {
    const boot = {
      name: "host1",
      path: "/srv/our app",
      start: `echo ${ODD}`,
      stop: ":",
      user: "me",
    };
    const folders = () => ({
      run: join(scratch, "run"),
      units: join(cache, "units"),
      scripts: join(cache, "scripts"),
    });

    beforeEach(() => {
      for (const name of ["systemctl", "update-rc.d"]) {
        program(`tools/${name}`, `echo ${name} "$@" >> "$HOME/calls"`);
      }
    });

    test("is a unit with systemd", () => {
      mkdirSync(folders().units);
      mkdirSync(folders().run);
      const unit = join(folders().units, "buildout-host1.service");
      expect(succeed(installScript(boot, folders()))).toBe(`${unit}\n`);
      expect(readFileSync(unit, "utf8")).toContain("ExecStart=/bin/sh -c \"cd '/srv/our app' && ");
      expect(succeed(listScript(folders()))).toBe(`${unit}\n`);
      expect(succeed(uninstallScript("host1", folders()))).toBe(`${unit}\n`);
      expect(succeed(listScript(folders()))).toBe("");
      expect(read("calls").split("\n")).toEqual([
        "systemctl daemon-reload",
        "systemctl enable --quiet buildout-host1.service",
        "systemctl disable --quiet buildout-host1.service",
        "systemctl daemon-reload",
        "",
      ]);
    });

    test("is an init script elsewhere", () => {
      mkdirSync(folders().scripts);
      const script = join(folders().scripts, "buildout-host1");
      expect(succeed(installScript(boot, folders()))).toBe(`${script}\n`);
      expect(statSync(script).mode & 0o777).toBe(0o755);
      expect(spawnSync("dash", ["-n", script]).status).toBe(0);
      expect(succeed(listScript(folders()))).toBe(`${script}\n`);
      expect(succeed(uninstallScript("host1", folders()))).toBe(`${script}\n`);
      expect(succeed(uninstallScript("host1", folders()))).toBe("");
      expect(read("calls")).toBe(
        "update-rc.d buildout-host1 defaults\nupdate-rc.d buildout-host1 remove\n",
      );
    });

    test("needs one of both", () => {
      const result = sh(installScript(boot, folders()));
      expect(result.status).toBe(1);
      expect(result.stderr).toBe(`neither systemd nor ${folders().scripts} is on this host\n`);
    });
  });

  describe("installing", () => {
    const engine = {
      name: "engine-new.cjs",
      packed: gzipSync("engine"),
      launcher: `#!/bin/sh\necho '%s' "$@"\n`,
    };

    function expectInstalled(): void {
      expect(read(`${ODD} app/bin/buildout`)).toBe(engine.launcher);
      expect(modeOf(`${ODD} app/bin/buildout`)).toBe("750");
      expect(read(`${ODD} app/.hostout/engine`)).toBe("engine-new.cjs\n");
      expect(read(`${ODD} app/.hostout/engine-new.cjs`)).toBe("engine");
    }

    test("Python is built where it is unpacked", () => {
      program("Python-3.11.9/configure", `printf '%s' "$1" > "$HOME/configured"`);
      execFileSync("tar", ["-czf", join(path, "py thon.tgz"), "-C", scratch, "Python-3.11.9"]);
      const prefix = join(cache, "python/3.11.9");
      program(`${ODD} cache/python/3.11.9/bin/python3`, "echo Python 3.11.9");
      program("tools/make", 'echo make "$@"');
      const text = shellProgram(buildPython, [path, "py thon.tgz", "-xzf", prefix]);
      expect(succeed(text)).toMatch(/^make -j\d+\nmake install\nPython 3\.11\.9\n$/);
      expect(read("configured")).toBe(`--prefix=${prefix}`);
    });

    test("an engine replaces the former one", () => {
      file(`${ODD} app/.hostout/engine-old.mjs`);
      const script = installEngineScript(path, engine);
      expect(succeed(script, engine.packed)).toBe("sending\ninstalling\n");
      expectInstalled();
      expect(existsSync(join(path, ".hostout/engine-old.mjs"))).toBe(false);
    });

    test("an engine that does not arrive whole replaces nothing", () => {
      const old = program(`${ODD} app/bin/buildout`, "echo old");
      file(`${ODD} app/.hostout/engine`, "engine-old.cjs\n");
      const half = sh(installEngineScript(path, engine), engine.packed.subarray(0, -10));
      expect(half).toMatchObject({ stdout: "sending\n" });
      expect(half.status).not.toBe(0);
      expect(readFileSync(old, "utf8")).toContain("echo old");
      expect(read(`${ODD} app/.hostout/engine`)).toBe("engine-old.cjs\n");
    });

    test("an engine comes after the directories and their entry in the cache", () => {
      rmSync(path, { recursive: true });
      const script = setUpScript(path, cache, engine);
      expect(succeed(script, engine.packed)).toBe("cached\nsending\ninstalling\n");
      expectInstalled();
      expect(modeOf(`${ODD} app/.hostout`)).toBe("700");
      expect(modeOf(`${ODD} app/var`)).toBe("750");
      for (const name of ["eggs", "downloads/dist", "extends"])
        expect(existsSync(join(cache, name))).toBe(true);
      const [entry] = readdirSync(join(cache, "directories"));
      expect(read(join(`${ODD} cache/directories`, entry!))).toBe(`${path}\n`);
      // Another deployment has installed it.
      expect(succeed(script, engine.packed)).toBe("cached\n");
    });

    test("directories that cannot be made end it, before anything else", () => {
      rmSync(path, { recursive: true });
      file(`${ODD} app`, "not a directory");
      const { status, stdout, stderr } = sh(setUpScript(path, cache, engine), engine.packed);
      expect(stdout).toBe("unmade\n");
      expect(stderr).not.toBe("");
      expect(status).not.toBe(0);
      expect(existsSync(join(cache, "directories"))).toBe(false);
    });

    test("a copy of Node takes the place of a torn one", () => {
      file(`${ODD} cache/copy.part/lib/node_modules/npm/bin/npm-cli.js`, "npm");
      program(`${ODD} cache/copy.part/bin/node`, "echo v20.1.0");
      file(`${ODD} cache/copy/rest`);
      succeed(shellProgram(installNode, [join(cache, "copy.part"), join(cache, "copy")]));
      expect(read(`${ODD} cache/copy/bin/npm`)).toBe("npm");
      expect(existsSync(join(cache, "copy/rest"))).toBe(false);
    });

    test("zc.buildout makes a virtual environment once", () => {
      program(
        "pip",
        `[ "$1" = -c ] || { printf ' [%s]' "$@"; cat "$7"; ! [ "$NETRC" ] || { cat "$NETRC"; stat -c %a "$NETRC"; }; cp -p bin/python bin/buildout; }`,
      );
      const python = program(
        `${ODD} python`,
        'echo "$@"; mkdir -p bin; cp -p "$HOME/pip" bin/python',
      );
      file(`${ODD} app/.hostout/engine-old.mjs`);
      const args = ["--find-links", cache, "zc.buildout==4.1"];
      const text = shellProgram(installZcBuildout, [path, python, "python", ...args]);
      const options = ["--disable-pip-version-check", "install", "-q", "-r", "/dev/stdin"];
      const shown = ["-m", "pip", ...options, ...args].map((word) => ` [${word}]`).join("");
      // With its password it is no argument, which every user of the host could see.
      const index = "--index-url https://me:secret@index.example/\n";
      expect(succeed(text, index)).toBe(`-m venv .\n${shown}${index}`);
      expect(succeed(text)).toBe(`${shown}\n`);
      const logins = "machine index.example login me password secret\n";
      file(".netrc", "machine other.example login me password other\n");
      const both = "machine other.example login me password other\n\n\n";
      expect(succeed(text, `${index}${logins}`)).toBe(`${shown}${index}${both}${logins}600\n`);
      expect(existsSync(join(path, ".hostout/netrc"))).toBe(false);
      expect(read(`${ODD} app/.hostout/engine`)).toBe("python\n");
      expect(existsSync(join(path, ".hostout/engine-old.mjs"))).toBe(false);
    });
  });

  describe("what root moves into place", () => {
    test("is a file, under its name if the target is a directory", () => {
      const staged = file("staged", "new");
      const target = join(path, ODD);
      expect(succeed(moveInScript(staged, path, ODD, 0o640))).toBe(target);
      expect(readFileSync(target, "utf8")).toBe("new");
      expect(statSync(target).mode & 0o777).toBe(0o640);
      const other = join(cache, "x");
      expect(succeed(moveInScript(staged, other, ODD))).toBe(other);
    });

    test("is a directory, whose files join the existing ones", () => {
      file("staged/a", "new");
      file(`${ODD} app/staged/b`, "old");
      succeed(moveInScript(join(scratch, "staged"), path, "staged"));
      expect(read(`${ODD} app/staged/a`)).toBe("new");
      expect(read(`${ODD} app/staged/b`)).toBe("old");
      expect(existsSync(join(path, "staged.put"))).toBe(false);
    });
  });
});
