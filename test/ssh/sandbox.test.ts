import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { lstat, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntryWithStats } from "ssh2";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { VERSION } from "../../src/program/version.ts";
import { connect } from "../../src/ssh/connect.ts";
import type { HostConnection } from "../../src/ssh/connection.ts";
import { type Sandbox, startSandbox } from "../../src/ssh/sandbox/sandbox.ts";
import {
  eventually,
  freePort,
  makeKey,
  nobody,
  processesWith,
  scratchFolder,
} from "../support/servers.ts";

let folder: string;
let sandbox: Sandbox;
let host: HostConnection;
let key: string;

beforeEach(async () => {
  folder = await scratchFolder();
  key = makeKey(join(folder, "id"));
  sandbox = await startSandbox({
    root: join(folder, "root"),
    user: "me",
    password: "pass word",
    authorizedKey: readFileSync(`${key}.pub`, "utf8"),
  });
  host = await connect(
    { host: sandbox.host, port: sandbox.port, user: "me", identityFile: key, acceptNew: true },
    nobody(folder),
  );
});
afterEach(async () => {
  await host.close();
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

const entriesOf = (path: string) =>
  host.sftp<FileEntryWithStats[]>("read", path, (sftp, done) => sftp.readdir(path, done));

describe("closing it", () => {
  test("ends its connections and everything that was started in it", async () => {
    const names = [1, 2, 3].map((i) => `sleep 8${i}${sandbox.port}`);
    const stubborn = `setsid sh -c "trap '' TERM; ${names[1]}"`;
    await host.exec(`${names[0]} >/dev/null 2>&1 & ${stubborn} >/dev/null 2>&1 &`);
    await eventually(async () => expect(await processesWith(names[1]!)).toHaveLength(2));
    const running = expect(
      host.exec(`trap '' TERM; echo started; ${names[2]}`, {
        onStdout: () => void sandbox.close(),
      }),
    ).rejects.toMatchObject({ code: "connection-lost" });
    await running;
    await sandbox.close();
    // A process that was killed may still be in the list for a moment.
    for (const name of names) await expect.poll(() => processesWith(name)).toEqual([]);
    await expect(
      connect({ host: sandbox.host, port: sandbox.port, user: "me" }, nobody(folder)),
    ).rejects.toMatchObject({ code: "host-unreachable" });
  });

  test("does not end background processes of commands before that", async () => {
    const name = `sleep 84${sandbox.port}`;
    await host.exec(`nohup ${name} >/dev/null 2>&1 &`);
    await host.close();
    expect(await processesWith(name)).toHaveLength(1);
  });
});

test("a command ends when its session is closed", async () => {
  const name = `sleep 85${sandbox.port}`;
  const abort = new AbortController();
  const running = host.exec(`echo started; ${name}; true`, {
    signal: abort.signal,
    onStdout: () => abort.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: "interrupted" });
  await eventually(async () => expect(await processesWith(name)).toEqual([]));
});

describe("SFTP", () => {
  test("serves nothing outside of its directory, also not through links", async () => {
    const outside = join(folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "secret"), "secret");
    symlinkSync(outside, join(sandbox.root, "way-out"));
    symlinkSync(join(outside, "secret"), join(sandbox.root, "link"));
    const refused = { code: expect.stringMatching(/^remote-not-(readable|writable)$/) };
    for (const path of ["/etc/passwd", "../outside/secret", "way-out/secret", "link"]) {
      await expect(host.readFile(path), path).rejects.toMatchObject(refused);
    }
    for (const path of [join(outside, "new"), "way-out/new", "../new", "way-out/deep/er/new"]) {
      await expect(host.put(Buffer.from("x"), path), path).rejects.toMatchObject(refused);
    }
    await expect(entriesOf("way-out")).rejects.toMatchObject(refused);
    await expect(host.mkdir("way-out/dir")).rejects.toMatchObject(refused);
    await expect(host.rename("link", join(outside, "moved"))).rejects.toMatchObject(refused);
    expect(await readdir(outside)).toEqual(["secret"]);
    // A link may itself be replaced and removed.
    await host.put(Buffer.from("inside"), "link");
    expect(await readFile(join(sandbox.root, "link"), "utf8")).toBe("inside");
    expect(await readFile(join(outside, "secret"), "utf8")).toBe("secret");
    await host.remove("way-out");
  });

  test.skipIf(spawnSync("sftp", ["-V"]).error)("satisfies OpenSSH's own client", async () => {
    writeFileSync(join(folder, "source"), "hello");
    writeFileSync(
      join(folder, "batch"),
      [
        "pwd",
        `put ${join(folder, "source")} a`,
        "chmod 640 a",
        "mkdir d",
        "rename a d/b",
        "ln -s d/b l",
        "ln d/b hard",
        "ls -la",
        "df",
        `get l ${join(folder, "copy")}`,
        "rm hard",
        "rm l",
        "-rm absent",
      ].join("\n"),
    );
    const options = [
      ...["-P", String(sandbox.port), "-i", key, "-b", join(folder, "batch"), "-F", "none"],
      ...["-o", "StrictHostKeyChecking=accept-new"],
      ...["-o", `UserKnownHostsFile=${join(folder, "known")}`],
    ];
    // Not synchronously: the server runs in this process.
    const child = spawn("sftp", [...options, "me@127.0.0.1"]);
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.stderr.on("data", (data) => {
      output += data;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code, output).toBe(0);
    expect(output).toContain(sandbox.root);
    expect(output).toMatch(/lrwxrwxrwx .* l\n/);
    expect(readFileSync(join(folder, "copy"), "utf8")).toBe("hello");
    expect((await stat(join(sandbox.root, "d/b"))).mode & 0o777).toBe(0o640);
    expect((await readdir(sandbox.root)).sort()).toEqual(["d"]);
  });

  test("keeps links, times and sizes", async () => {
    await host.put(Buffer.from("x".repeat(10)), "f");
    await host.exec("ln -s f l");
    expect(await readlink(join(sandbox.root, "l"))).toBe("f");
    const entry = (await entriesOf(".")).find(({ filename }) => filename === "l");
    expect(entry?.attrs.isSymbolicLink()).toBe(true);
    expect((await host.stat("l"))?.size).toBe(10);
    expect((await lstat(join(sandbox.root, "l"))).isSymbolicLink()).toBe(true);
  });
});

test("reports a port that is taken", async () => {
  const attempt = startSandbox({ root: join(folder, "second"), port: sandbox.port });
  await expect(attempt).rejects.toMatchObject({ code: "sandbox-failed" });
});

test("the host key is kept in a file when asked for", async () => {
  const hostKeyFile = join(folder, "kept");
  const options = { root: join(folder, "again"), hostKeyFile };
  const first = await startSandbox(options);
  await first.close();
  const second = await startSandbox(options);
  await second.close();
  expect(second.hostKey).toBe(first.hostKey);
  expect((await stat(hostKeyFile)).mode & 0o777).toBe(0o600);
});

test("a key added by a deployment can log in", async () => {
  const target = { host: sandbox.host, port: sandbox.port, user: "me", acceptNew: true };
  const other = makeKey(join(folder, "other"));
  const byOther = { ...target, identityFile: other };
  await expect(connect(byOther, nobody(folder))).rejects.toMatchObject({
    code: "authentication-failed",
  });
  mkdirSync(join(sandbox.root, ".ssh"));
  const keys = `# mine\nnonsense\n${readFileSync(`${other}.pub`, "utf8")}`;
  writeFileSync(join(sandbox.root, ".ssh/authorized_keys"), keys);
  await (await connect(byOther, nobody(folder))).close();
});

describe("hostout-sandbox", () => {
  const run = async (...options: string[]) => {
    const built = join(folder, "sandbox.mjs");
    const { build } = await import("esbuild");
    const root = new URL("../..", import.meta.url).pathname;
    await build({
      stdin: {
        contents: `import { runSandbox } from "./src/cli/sandbox/run-sandbox.ts";
          process.exitCode = await runSandbox(process.argv.slice(2));`,
        resolveDir: root,
      },
      bundle: true,
      format: "esm",
      platform: "node",
      packages: "external",
      outfile: built,
      logLevel: "silent",
    });
    const modules = join(folder, "node_modules");
    if (!existsSync(modules)) symlinkSync(join(root, "node_modules"), modules);
    const child = spawn(process.execPath, [built, ...options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.stderr.on("data", (data) => {
      output += data;
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { child, ended, output: () => output };
  };

  test("prints for programs how to connect, and ends on Ctrl-C leaving nothing", async () => {
    const { child, ended, output } = await run("--json", "--user", "you");
    const facts = JSON.parse(await eventually(() => output().match(/^.*\n/)![0]));
    const other = await connect(
      {
        host: facts.host,
        port: facts.port,
        user: "you",
        password: facts.password,
        acceptNew: true,
      },
      nobody(folder),
    );
    const name = `sleep 86${facts.port}`;
    await other.exec(`setsid ${name} >/dev/null 2>&1 &`);
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(await processesWith(name)).toEqual([]);
    expect(existsSync(facts.root)).toBe(false);
    await other.close();
  });

  test("prints the options for it, and keeps the given directory", async () => {
    const root = join(folder, "mine");
    const port = await freePort();
    const { child, ended, output } = await run("--root", root, "--port", `${port}`, "--key", key);
    await eventually(() => expect(output()).toContain("Host key: ssh-ed25519 "));
    expect(output()).toContain(`ssh -p ${port} -i ${key} `);
    expect(output()).toContain(`host = 127.0.0.1:${port}\n`);
    expect(output()).toContain(`identity-file = ${key}\n`);
    expect(output()).not.toContain("password");
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(existsSync(root)).toBe(true);
  });

  test("has the same host key each time it serves the same directory", async () => {
    const root = join(folder, "same");
    const hostKey = async () => {
      const { child, ended, output } = await run("--root", root, "--json");
      const facts = JSON.parse(await eventually(() => output().match(/^.*\n/)![0]));
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
      return facts.hostKey;
    };
    expect(await hostKey()).toBe(await hostKey());
    expect((await stat(join(root, ".ssh"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, ".ssh/host_key"))).mode & 0o777).toBe(0o600);
  });

  test("reports which file is not a host key, and what to do", async () => {
    const root = join(folder, "broken");
    mkdirSync(join(root, ".ssh"), { recursive: true });
    writeFileSync(join(root, ".ssh/host_key"), "nonsense");
    const { ended, output } = await run("--root", root);
    expect(await ended).toBe(1);
    expect(output()).toContain(`Cannot use the host key ${join(root, ".ssh/host_key")}: `);
    expect(output()).toContain("Remove the file, and a new key is made.");
  });

  test("--version and --help answer without serving anything", async () => {
    const version = await run("--version");
    expect([await version.ended, version.output()]).toEqual([0, `${VERSION}\n`]);
    const help = spawnSync(process.execPath, [join(folder, "sandbox.mjs"), "-h"], {
      encoding: "utf8",
    });
    expect([help.status, help.stdout.match(/^ {2}--root|^Exit status:/gm)]).toEqual([
      0,
      ["  --root", "Exit status:"],
    ]);
    const junk = spawnSync(process.execPath, [join(folder, "sandbox.mjs"), "junk"]);
    expect([junk.status, String(junk.stdout)]).toEqual([2, ""]);
  });

  test("a mistake is reported without a stack", async () => {
    const { ended, output } = await run("--port", String(sandbox.port), "--root", folder);
    expect(await ended).toBe(1);
    expect(output()).toMatch(/Error: Cannot listen on 127\.0\.0\.1:\d+: the port is in use\./);
    expect(output()).not.toMatch(/^\s+at /m);
    const plain = join(folder, "plain");
    writeFileSync(plain, "");
    const mistakes: [string[], string][] = [
      [["--root", plain], `Cannot serve ${plain}: it is not a directory.`],
      [
        ["--key", join(folder, "none")],
        `Cannot read the key ${folder}/none: there is no such file.`,
      ],
      [["--key", folder], `Cannot read the key ${folder}: it is a directory.`],
      [["--key", plain], `Cannot read the public key ${plain}.pub: no such file or directory.`],
    ];
    for (const [words, message] of mistakes) {
      const told = spawnSync(process.execPath, [join(folder, "sandbox.mjs"), ...words], {
        encoding: "utf8",
      });
      expect(told.status).toBe(1);
      expect(told.stderr).toContain(message);
      expect(told.stderr).not.toMatch(/E[A-Z]{4,}:/);
    }
  });
});

test("ssh's own client receives output, status and a terminal", async () => {
  const options = [
    ...["-p", String(sandbox.port), "-i", key, "-F", "none"],
    ...["-o", "StrictHostKeyChecking=accept-new"],
    ...["-o", `UserKnownHostsFile=${join(folder, "known")}`, "me@127.0.0.1"],
  ];
  const ssh = (...words: string[]) =>
    new Promise<{ code: number | null; output: string }>((resolve) => {
      const child = spawn("ssh", words, { stdio: ["ignore", "pipe", "inherit"] });
      let output = "";
      child.stdout.on("data", (data) => {
        output += data;
      });
      child.once("close", (code) => resolve({ code, output }));
    });
  expect(await ssh(...options, "echo hello; exit 5")).toEqual({ code: 5, output: "hello\n" });
  const terminal = await ssh("-tt", ...options, "tty");
  expect(terminal.output).toContain("/dev/");
});
