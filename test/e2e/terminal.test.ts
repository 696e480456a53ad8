// What a user at a terminal sees: questions, and what hostout is waiting for.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { quoteAll } from "../../src/ssh/commands/quote.ts";
import { TestProject } from "../support/deploy-project.ts";
import {
  startSandboxServer,
  startSshdServer,
  type TestServer,
  usersMissing,
} from "../support/servers.ts";
import { onTerminal } from "../support/terminal.ts";

const buildout = fileURLToPath(new URL("../../bin/buildout", import.meta.url));

/** A recipe that waits for a file, as others wait for a download. */
const RECIPE = `import { defineRecipe } from "hostout";
import { existsSync } from "node:fs";
export default defineRecipe({
  async install(part) {
    part.log.info("Getting something large.");
    while (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 20));
    return [];
  },
});
`;

describe("on a terminal", () => {
  let server: TestServer;
  let project: TestProject;
  /** The environment has no key and no agent: only the password works. */
  const env = () => ({ PATH: process.env.PATH, HOME: project.scratch, TERM: "xterm" });
  const at = (script: string, ...args: string[]) =>
    onTerminal(process.execPath, [script, ...args], { cwd: project.directory, env: env() });
  const hostout = (...args: string[]) => at(join(project.directory, "bin/hostout"), ...args);

  beforeAll(async () => {
    server = await startSandboxServer();
    project = new TestProject({ "recipe.ts": RECIPE });
    const locked = join(project.scratch, "locked");
    copyFileSync(server.key, locked);
    chmodSync(locked, 0o600);
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "open sesame", "-f", locked]);
    const open = { buildout: "", path: server.home };
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1 host2 host3 locked unknown
[host1]\n${project.hostLines(server, { buildout: "", path: server.home, "identity-file": "" })}
[host2]\n${project.hostLines(server, { buildout: "", path: server.home })}
[host3]\n${project.hostLines(server, { buildout: "", path: server.home })}
[locked]\n${project.hostLines(server, { ...open, "identity-file": locked })}
[unknown]\n${project.hostLines(server, { ...open, "accept-new": "false", "known-hosts": join(project.scratch, "new_known_hosts") })}
[slow]\nrecipe = ./recipe.ts\n`,
    });
    expect(await project.buildout()).toMatchObject({ status: 0 });
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  test("a wrong password is named as that and asked for again", async () => {
    const p = hostout("host1", "run", "echo in as $USER");
    await p.shows("Password:");
    p.type("wrong one");
    await p.shows(": wrong password, try again.");
    await p.shows("Password:");
    p.type(server.password!);
    await p.shows(`in as ${server.user}`);
    expect(await p.status).toBe(0);
    expect(p.output()).not.toContain("wrong one");
    expect(p.output()).not.toContain(server.password!);
  });

  test("the passphrase of a key is asked for again, and shown nowhere", async () => {
    const p = hostout("locked", "run", "echo in as $USER");
    await p.shows("Passphrase of ");
    p.type("wrong one");
    // Before that, the first question is shown again, and typed characters would be visible.
    await p.shows(": wrong passphrase, try again.");
    await p.shows("Passphrase of ");
    p.type("open sesame");
    await p.shows(`in as ${server.user}`);
    expect(await p.status).toBe(0);
    expect(p.output()).not.toMatch(/wrong one|open sesame/);
  });

  test("the key of a new host is asked about; it is kept only if the answer is yes", async () => {
    const known = join(project.scratch, "new_known_hosts");
    for (const [answer, status] of [
      ["no", 1],
      ["yes", 0],
    ] as const) {
      const p = hostout("unknown", "run", "echo arrived");
      await p.shows("has the fingerprint SHA256:");
      await p.shows("Trust it and continue?");
      p.type(answer);
      expect(await p.status).toBe(status);
      expect(existsSync(known)).toBe(answer === "yes");
    }
    const again = hostout("unknown", "run", "echo arrived");
    await again.shows("arrived");
    expect(await again.status).toBe(0);
    expect(again.output()).not.toContain("Trust it");
  });

  test("Ctrl-C at a question ends it, and restores the terminal's echo", async () => {
    const command = quoteAll([process.execPath, join(project.directory, "bin/hostout")]);
    for (const host of ["host1", "locked"]) {
      const script = `trap : INT; ${command} ${host} run true; echo "ended with $?"; stty -a`;
      const options = { cwd: project.directory, env: env() };
      const p = onTerminal("/bin/sh", ["-c", script], options);
      await p.shows(host === "host1" ? "Password:" : "Passphrase of ");
      p.press("\u0003");
      await p.shows("ended with 130");
      await p.status;
      expect(p.output()).toMatch(/ icanon.* echo /s);
    }
  });

  test("a slow command is shown with the seconds, until it prints something", async () => {
    const go = join(server.home, "go");
    const wait = `while [ ! -e ${go} ]; do sleep 0.1; done; echo arrived`;
    const p = hostout("host2", "run", wait);
    await p.shows("host2: sh -c ");
    await p.shows(" s)\r");
    writeFileSync(go, "");
    await p.shows("\r\u001b[J");
    await p.shows("arrived");
    expect(await p.status).toBe(0);
    // None of it appears if the output is a file.
    const { stdout, stderr } = await project.hostout("host2", "run", "echo", "plain");
    expect(stdout + stderr).not.toContain("\u001b");
  });

  test("several hosts have one line each, below their output, unless only lines are asked for", async () => {
    const go = join(server.home, "go-on");
    const wait = `echo waiting; while [ ! -e ${go} ]; do sleep 0.1; done; echo arrived`;
    const p = hostout("host2", "host3", "-P", "run", wait);
    await p.shows("0 of 2 hosts done, 2 running\r\n");
    await p.shows("waiting (");
    writeFileSync(go, "");
    await p.shows("\r\u001b[J");
    await p.shows("out: arrived");
    await p.shows("host3  done");
    expect(await p.status).toBe(0);
    // Longer than the delay before the lines are shown.
    const plain = hostout("host2", "host3", "-P", "--plain", "run", "sleep 1; echo arrived");
    expect(await plain.status).toBe(0);
    expect(plain.output().match(/out: arrived/g)).toHaveLength(2);
    expect(plain.output()).not.toContain("\u001b");
  });

  test("a buildout's waiting is shown, too", async () => {
    const p = at(buildout, "install", "slow");
    await p.shows("slow: Getting something large.");
    await p.shows("slow: Getting something large (");
    writeFileSync(join(project.directory, "go"), "");
    await p.shows("\r\u001b[J");
    expect(await p.status).toBe(0);
  });
});

describe("a login by password", () => {
  async function bootstrapped(server: TestServer) {
    const project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
    onTestFinished(async () => {
      project.remove();
      await server.close();
    });
    const cfg = (password: string) =>
      `[buildout]\nparts = host1\n[host1]\n${project.hostLines(server, {
        ...{ "identity-file": "", password },
      })}`;
    project.write({ "buildout.cfg": cfg(server.password!) });
    expect(await project.buildout()).toMatchObject({ status: 0 });
    const outcome = await project.hostout("host1", "bootstrap_users");
    expect(outcome.status).toBe(0);
    return { project, cfg, outcome };
  }

  test("becomes one by a key, which git ignores", async () => {
    const { project, cfg, outcome } = await bootstrapped(await startSandboxServer());
    const key = join(project.directory, "host1_key");
    expect(outcome.stdout).toContain(`Hostout: Authorized ${key} for deployer\n`);
    const ignored = join(project.directory, ".gitignore");
    expect(outcome.stdout).toContain(`Hostout: Added it to ${ignored}\n`);
    expect(readFileSync(ignored, "utf8")).toBe("/host1_key\n");
    project.write({ "buildout.cfg": cfg("") });
    expect(await project.buildout()).toMatchObject({ status: 0 });
    expect(existsSync(join(project.directory, "parts/hostout/host1.password"))).toBe(false);
    expect(await project.hostout("host1", "run", "true")).toMatchObject({ status: 0 });
    expect((await project.hostout("host1", "deploy")).stderr).not.toContain("private key");
    execFileSync("git", ["init", "-q"], { cwd: project.directory });
    execFileSync("git", ["add", "-f", "host1_key"], { cwd: project.directory });
    const { status, stderr } = await project.hostout("host1", "deploy");
    expect(status).toBe(0);
    expect(stderr).toContain(`Warning: git has the private key ${key}: `);
  });

  test.skipIf(usersMissing)(
    "a host that accepts no such key does not lead to a hint about it",
    async () => {
      // Its keys are in another file than ~/.ssh/authorized_keys.
      const { outcome } = await bootstrapped(await startSshdServer());
      expect(outcome.stdout).not.toContain("from now on");
      expect(outcome.stderr).toMatch(/Warning: .*host1_key is in .*the password is still needed\n/);
    },
  );
});
