import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectSocket, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import {
  eventually,
  freePort,
  isRoot,
  makeKey,
  processesWith,
  servers,
  type TestServer,
} from "../support/servers.ts";

const PROD =
  "[buildout]\nparts = page\n[page]\nrecipe = collective.recipe.template\noutput = page\ninput = inline: ok\n";

describe.each(servers.map((server) => [server.name, server] as const))("on %s", (_name, kind) => {
  describe.skipIf(kind.missing !== undefined)(`bad input ${kind.missing ?? ""}`, () => {
    let server: TestServer;
    let project: TestProject;

    beforeAll(async () => {
      server = await kind.start();
      project = new TestProject({ "prod.cfg": PROD });
      await configure({});
      expect((await project.hostout("host1", "deploy")).status).toBe(0);
    });

    afterAll(async () => {
      project?.remove();
      await server?.close();
    });

    async function configure(options: Record<string, string>): Promise<void> {
      project.write({
        "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${project.hostLines(server, options)}`,
      });
      expect((await project.buildout()).status).toBe(0);
    }

    async function deployFails(options: Record<string, string>): Promise<string> {
      await configure(options);
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
      return outcome.stderr;
    }

    test("a missing configuration file is named", async () => {
      expect(await deployFails({ buildout: "prd.cfg" })).toContain(
        join(project.directory, "prd.cfg"),
      );
    });

    test("a missing include is named", async () => {
      expect(await deployFails({ include: "templates" })).toContain("there is no 'templates'");
    });

    test("a part without a host says which option is missing", async () => {
      expect(await deployFails({ host: "" })).toContain("[host1]");
    });

    test("an unreachable host is named with its port", async () => {
      const port = await freePort();
      const stderr = await deployFails({ host: `127.0.0.1:${port}` });
      expect(stderr).toContain(`Cannot reach 127.0.0.1 port ${port}: connection refused`);
    });

    test("a host name that does not exist is named", async () => {
      expect(await deployFails({ host: "no-such-host.invalid" })).toContain("no-such-host.invalid");
    });

    test.skipIf(kind.name === "sshd" && !isRoot)(
      "a wrong password is refused and not shown",
      async () => {
        const stderr = await deployFails({ "identity-file": "", password: "wr0ng-guess" });
        expect(stderr).toContain("password");
        expect(stderr).not.toContain("wr0ng-guess");
      },
    );

    test("a refused key is named", async () => {
      const key = join(project.scratch, "stranger");
      if (!existsSync(key)) makeKey(key);
      expect(await deployFails({ "identity-file": key })).toContain("stranger");
    });

    test("a key file that does not exist is named", async () => {
      expect(await deployFails({ "identity-file": "keys/nowhere" })).toContain("keys/nowhere");
    });

    test("an unknown host key is refused if nobody can be asked", async () => {
      const stderr = await deployFails({
        "accept-new": "false",
        "known-hosts": join(project.scratch, "known_none"),
      });
      expect(stderr).toContain("SHA256:");
      expect(stderr).toContain("accept-new");
    });

    test("a changed host key is always refused, with both fingerprints", async () => {
      const other = join(project.scratch, "other_host_key");
      if (!existsSync(other)) makeKey(other);
      const known = join(project.scratch, "known_other");
      const key = readFileSync(`${other}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
      writeFileSync(known, `[${server.host}]:${server.port} ${key}\n`);
      const stderr = await deployFails({ "known-hosts": known });
      expect(stderr.match(/SHA256:/g)?.length).toBeGreaterThanOrEqual(2);
      expect(stderr).toContain(`${known}:1`);
    });

    test("a path that cannot be written is named with its user", async () => {
      const stderr = await deployFails({ path: "/proc/hostout" });
      expect(stderr).toContain("/proc/hostout");
      expect(stderr).toContain(server.user);
    });

    test.skipIf(!isRoot)("a full disk is reported as one, and nothing is changed", async () => {
      const path = join(server.home, "small");
      mkdirSync(path);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m,mode=777", "tmpfs", path]);
      try {
        const options = { path: join(path, "app"), "buildout-cache": join(path, "cache") };
        project.write({ "data/big": randomBytes(4_000_000).toString("base64") });
        const stderr = await deployFails({ ...options, include: "data" });
        expect(stderr).toMatch(/disk (is )?full|no space/i);
        expect(existsSync(join(path, "app/data"))).toBe(false);
      } finally {
        execFileSync("umount", ["-l", path]);
      }
    });

    test("a connection cut in the middle of an upload leaves nothing that looks complete", async () => {
      const proxy = await cuttingProxy(server, 2_000_000);
      try {
        project.write({ "data/big": randomBytes(6_000_000).toString("base64") });
        const options = { include: "data", host: `127.0.0.1:${proxy.port}` };
        const stderr = await deployFails(options);
        expect(stderr).toMatch(/connection/i);
        const releases = join(server.home, "app/.hostout/releases");
        const before = readdirSync(releases).filter((name) => !name.endsWith(".tmp"));
        await configure({ include: "data" });
        const again = await project.hostout("host1", "deploy");
        expect(again.status).toBe(0);
        const added = readdirSync(releases).filter((name) => !before.includes(name));
        expect(added).toEqual([expect.stringMatching(/^\d+$/)]);
        const arrived = readFileSync(join(server.home, "app/data/big"));
        expect(arrived.equals(readFileSync(join(project.directory, "data/big")))).toBe(true);
      } finally {
        await proxy.close();
      }
    });

    test("Ctrl-C ends the command here and on the host", async () => {
      await configure({});
      const marker = `86${String(process.pid).padStart(6, "0")}`;
      const running = project.startHostout("host1", "run", `echo started; exec sleep ${marker}`);
      await running.said("out: started");
      running.child.kill("SIGINT");
      const outcome = await running.outcome;
      expect(outcome.status).toBe(130);
      expect(outcome.stderr).toContain("Interrupted");
      await eventually(async () => expect(await processesWith(`sleep ${marker}`)).toEqual([]));
    });

    test("a second Ctrl-C ends a command that ignores the first", async () => {
      const pipe = join(project.directory, "pipe");
      execFileSync("mkfifo", [pipe]);
      project.write({
        "deaf.ts": `import { readFile } from "node:fs/promises";
import { api } from "hostout";
export async function deaf() {
  process.on("SIGINT", () => console.log("heard"));
  // Nothing ends this system call but the end of the process.
  readFile(${JSON.stringify(pipe)});
  api.note("deaf");
  await new Promise((resolve) => setInterval(resolve, 2 ** 30));
}
`,
      });
      await configure({ fabfiles: "deaf.ts" });
      const running = project.startHostout("host1", "deaf");
      try {
        await running.said("deaf\n");
        running.child.kill("SIGINT");
        await running.said("heard");
        running.child.kill("SIGINT");
        await running.outcome;
        // Shells return 130.
        expect(running.child.signalCode).toBe("SIGINT");
      } finally {
        running.child.kill("SIGKILL");
      }
    });

    test("Ctrl-C while the host builds leaves a state that the next deployment repairs", async () => {
      await configure({});
      const app = join(server.home, "app");
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const { port } = silent.address() as { port: number };
      try {
        const source = `url = http://127.0.0.1:${port}/\ntimeout = 50`;
        project.write({ "prod.cfg": PROD.replace("input = inline: ok", source) });
        const asked = new Promise((resolve) => silent.once("connection", resolve));
        const running = project.startHostout("host1", "deploy");
        await Promise.race([asked, running.outcome]);
        running.child.kill("SIGINT");
        expect((await running.outcome).status).toBe(130);
        await eventually(async () =>
          expect(await processesWith(`${app}/.hostout/engine`)).toEqual([]),
        );
        expect(readFileSync(join(app, ".hostout/current"), "utf8")).not.toBe("");
        project.write({ "prod.cfg": PROD.replace("ok", "better") });
        const again = await project.hostout("host1", "deploy");
        expect(again.stderr).toBe("");
        expect(again.status).toBe(0);
        expect(readFileSync(join(app, "page"), "utf8")).toBe("better");
        expect(existsSync(join(app, ".hostout/previous"))).toBe(false);
      } finally {
        silent.close();
      }
    });
  });
});

/** Passes connections on to `server` and cuts them when they have sent `bytes` there. */
async function cuttingProxy(server: TestServer, bytes: number) {
  const proxy: Server = createServer((client) => {
    const upstream = connectSocket(server.port, server.host);
    let sent = 0;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on("data", (chunk) => {
      sent += chunk.length;
      if (sent > bytes) end();
      else upstream.write(chunk);
    });
    upstream.on("data", (chunk) => client.write(chunk));
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as { port: number }).port,
    close: () => new Promise<void>((resolve) => proxy.close(() => resolve())),
  };
}
