import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HostConnection } from "../../src/ssh/connection.ts";
import {
  allowSudo,
  eventually,
  login,
  scratchFolder,
  startSshdServer,
  type TestServer,
  usersMissing,
} from "../support/servers.ts";

/** Hosts that are set up in a way that deployments stumble over. */
describe.skipIf(usersMissing)("on a host with OpenSSH", () => {
  let folder: string;
  let server: TestServer | undefined;
  let host: HostConnection | undefined;
  beforeEach(async () => {
    folder = await scratchFolder();
  });
  afterEach(async () => {
    await host?.close();
    await server?.close();
    host = undefined;
    server = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  async function start(...config: string[]): Promise<TestServer> {
    server = await startSshdServer(config);
    return server;
  }
  async function logIn(to: TestServer): Promise<HostConnection> {
    host = await login(to, folder);
    return host;
  }
  const useShell = (to: TestServer, shell: string) =>
    execFileSync("usermod", ["--shell", shell, to.user]);

  /** The operations of every deployment: commands, files both ways, a directory, several in parallel. */
  async function works(on: HostConnection): Promise<void> {
    const results = await Promise.all([
      ...Array.from({ length: 6 }, (_, i) => on.exec(`sleep 0.1; echo ${i}`)),
    ]);
    expect(results.map(({ stdout }) => stdout.trim().at(-1))).toEqual([..."012345"]);
    mkdirSync(join(folder, "tree/deep"), { recursive: true });
    writeFileSync(join(folder, "tree/deep/file"), "content");
    await Promise.all([
      on.put(Buffer.alloc(3_000_000, "x"), "big"),
      on.exec("true"),
      on.putDirectory(join(folder, "tree"), "tree"),
      on.put(Buffer.from("small"), "small", { mode: 0o600 }),
      on.exec("true"),
    ]);
    expect((await on.readFile("tree/deep/file")).toString()).toBe("content");
    expect((await on.readFile("big")).length).toBe(3_000_000);
    expect(((await on.stat("small"))!.mode & 0o777).toString(8)).toBe("600");
    expect((await on.exec("cat small")).stdout).toContain("small");
  }

  test("that takes the variables of SetEnv", async () => {
    const to = await start("AcceptEnv DEPLOYED_*");
    writeFileSync(join(folder, "ssh_config"), "SetEnv DEPLOYED_BY=me DEPLOYED_AT='some time'\n");
    const { stdout } = await (await logIn(to)).exec('echo "$DEPLOYED_BY, $DEPLOYED_AT"');
    expect(stdout).toBe("me, some time\n");
  });

  test.each(["umask 000", "umask 077"])("with %s files get the modes asked for", async (line) => {
    const to = await start();
    appendFileSync(join(to.home, ".bashrc"), "");
    writeFileSync(join(to.home, ".bashrc"), `${line}\n`);
    await works(await logIn(to));
  });

  test("whose .bashrc prints", async () => {
    const to = await start();
    writeFileSync(join(to.home, ".bashrc"), "echo Welcome to the machine\n");
    await works(await logIn(to));
  });

  test("whose .bashrc prints no newline: a program's output is separate", async () => {
    const to = await start();
    writeFileSync(join(to.home, ".bashrc"), "printf 'path=/\nmachine> '\n");
    const on = await logIn(to);
    expect((await on.exec("echo in")).stdout).toBe("path=/\nmachine> in\n");
    const chunks: string[] = [];
    const onStdout = (chunk: string) => chunks.push(chunk);
    for (const options of [{}, { pty: true }, { onStdout }, { keep: "end" as const }]) {
      expect((await on.sh("printf 'a\\n b'", options)).stdout).toMatch(/^a\r?\n b$/);
    }
    expect(chunks.join("")).toBe("a\n b");
    expect((await on.sh("exit 3")).stdout).toBe("");
  });

  test.each(["/bin/csh", "/usr/bin/fish", "/bin/dash"])(
    "whose login shell is %s",
    async (shell) => {
      if (!existsSync(shell))
        throw new Error(`${shell} is not installed (apt-get install csh fish)`);
      const to = await start();
      useShell(to, shell);
      const on = await logIn(to);
      await works(on);
      await allowSudo(to, "ALL=(ALL) NOPASSWD: ALL");
      expect((await on.sudo('echo "$(id -un)\'s" && [ -d / ]')).stdout).toBe("root's\n");
    },
  );

  test("without SFTP, the cause and the way out are named", async () => {
    const on = await logIn(await start("Subsystem sftp /bin/false"));
    await expect(on.put(Buffer.from("x"), "x")).rejects.toMatchObject({
      code: "sftp-unavailable",
      hint: expect.stringContaining("Subsystem sftp"),
    });
    expect((await on.exec("echo in")).stdout).toBe("in\n");
  });

  test.each(["tar", "gzip"])("without %s, it is named", async (program) => {
    const to = await start();
    mkdirSync(join(to.home, "bin"));
    for (const name of ["mkdir", "rm", "cp", "mv", "tar", "gzip", "cat"]) {
      if (name !== program) execFileSync("ln", ["-s", `/bin/${name}`, join(to.home, "bin", name)]);
    }
    writeFileSync(join(to.home, ".bashrc"), `export PATH=${join(to.home, "bin")}\n`);
    const on = await logIn(to);
    mkdirSync(join(folder, "tree"));
    writeFileSync(join(folder, "tree/file"), "content");
    await expect(on.putDirectory(join(folder, "tree"), "tree")).rejects.toMatchObject({
      message: expect.stringContaining(`no '${program}'`),
      hint: expect.stringContaining(`nstall ${program}`),
    });
  });

  test("without sudo, it is named", async () => {
    const to = await start();
    mkdirSync(join(to.home, "bin"));
    writeFileSync(join(to.home, ".bashrc"), `export PATH=${join(to.home, "bin")}\n`);
    await expect((await logIn(to)).sudo("true")).rejects.toMatchObject({
      code: "sudo-refused",
      hint: expect.stringContaining("sudo is not installed"),
    });
  });

  test("that requires a terminal for sudo", async () => {
    const to = await start();
    await allowSudo(to, "ALL=(ALL) NOPASSWD: ALL");
    const file = `/etc/sudoers.d/${to.user}`;
    writeFileSync(file, `${readFileSync(file, "utf8")}Defaults:${to.user} requiretty\n`);
    await expect((await logIn(to)).sudo("true")).rejects.toMatchObject({
      code: "sudo-refused",
      hint: expect.stringContaining("requiretty"),
    });
  });

  test("whose user has no home directory", async () => {
    const to = await start();
    execFileSync("usermod", ["--home", "/no/such/home", to.user]);
    const on = await logIn(to);
    expect((await eventually(() => on.exec("echo in"))).stdout).toBe("in\n");
    await on.put(Buffer.from("x"), `${to.home}/absolute`);
    await expect(on.put(Buffer.from("x"), "relative")).rejects.toMatchObject({
      code: "remote-not-writable",
    });
  });
});
