import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { BUSYBOX_PROGRAMS, cachedBusybox } from "../support/hosts/busybox.ts";
import {
  type BareHost,
  type BareHostOptions,
  hostsMissing,
  startBareHost,
} from "../support/hosts/host.ts";
import { makeKey } from "../support/servers.ts";

describe.skipIf(hostsMissing !== undefined)(`users of a bare host ${hostsMissing ?? ""}`, () => {
  let host: BareHost;
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  });

  afterEach(async () => {
    project.remove();
    await host?.close();
  });

  async function start(options: Partial<BareHostOptions> = {}): Promise<void> {
    host = await startBareHost({ network: "own", ...options });
  }

  async function configure(options: Record<string, string> = {}): Promise<void> {
    project.writeHost(host, {
      "identity-file": "",
      password: host.password,
      "no-sudo": "",
      path: "/var/buildout/app",
      "buildout-user": "builder",
      "effective-user": "runner",
      ...options,
    });
    const built = await project.buildout();
    expect(built.stderr).toBe("");
  }

  async function succeed(...args: string[]): Promise<string> {
    const outcome = await project.hostout("host1", ...args);
    expect(outcome.stderr.replace(/^Added the .*\n/, "")).toBe("");
    expect(outcome.status).toBe(0);
    return outcome.stdout;
  }

  const accounts = () =>
    host.run("cat /etc/passwd /etc/group /etc/shadow ~builder/.ssh/authorized_keys");

  test("are created once, with a key for the one and no password for either", async () => {
    await start();
    await configure();
    await succeed("bootstrap_users");
    const first = accounts();
    expect(host.run("id -gn builder; id -gn runner")).toBe("buildout\nbuildout\n");
    expect(first).toMatch(/^builder:\*:/m);
    expect(first).toMatch(/^runner:!:/m);
    expect(host.attempt("test -e ~runner").status).not.toBe(0);
    expect(host.run("stat -c '%U %a' ~builder ~builder/.ssh ~builder/.ssh/authorized_keys")).toBe(
      "builder 750\nbuilder 700\nbuilder 600\n",
    );
    await succeed("bootstrap_users");
    expect(accounts()).toBe(first);
    expect(await succeed("run", "id", "-un")).toContain("out: builder\n");
    expect(await succeed("sudo", "id", "-un")).toContain("out: root\n");
  });

  test("that exist keep what they have, and join the group", async () => {
    await start({ sudo: "nopasswd" });
    host.run("groupadd staff2; useradd -m -g staff2 -s /bin/bash builder; useradd -m runner");
    host.run(
      "mkdir -p ~builder/.ssh; printf 'ssh-ed25519 AAAA other' > ~builder/.ssh/authorized_keys",
    );
    host.run("chown -R builder ~builder/.ssh");
    await configure({ password: "", "identity-file": host.key, "buildout-group": "site" });
    await succeed("bootstrap_users");
    expect(host.run("id -gn builder; id -Gn runner; getent passwd builder | cut -d: -f7")).toBe(
      "staff2\nrunner site\n/bin/bash\n",
    );
    const keys = host.run("cat ~builder/.ssh/authorized_keys");
    expect(keys).toBe(`ssh-ed25519 AAAA other\n${readFileSync(`${host.key}.pub`, "utf8")}`);
    expect(await succeed("run", "id", "-Gn")).toContain("out: staff2 site\n");
  });

  test("a key that identity-file names and that does not exist is made as HOSTNAME_key", async () => {
    await start();
    await configure({ "identity-file": "keys/deploy", hostname: "web" });
    const output = await succeed("bootstrap_users");
    expect(output).toContain("keys/deploy; made the key");
    expect(readFileSync(join(project.directory, "web_key"), "utf8")).toContain("PRIVATE KEY");
    expect(await succeed("run", "id", "-un")).toContain("out: builder\n");
  });

  test("a login user who builds uses a key after the first login with a password", async () => {
    await start();
    await configure({ "buildout-user": "", "effective-user": "" });
    await succeed("bootstrap_users");
    await configure({ "buildout-user": "", "effective-user": "", password: "" });
    expect(await succeed("run", "id", "-un")).toContain("out: admin\n");
    expect(host.attempt("getent group buildout").status).not.toBe(0);
  });

  test("BusyBox makes them if there is nothing else", async () => {
    const busybox = await cachedBusybox();
    await start();
    copyFileSync(busybox, join(host.root, "usr/bin/busybox"));
    host.run(`cd /usr/sbin; rm useradd usermod groupadd groupmod adduser addgroup chpasswd userdel
rm /usr/bin/getent /usr/bin/gpasswd
for name in ${BUSYBOX_PROGRAMS.join(" ")}; do
  ln -sf /usr/bin/busybox /usr/bin/$name
done`);
    expect(host.run("readlink -f $(command -v adduser)")).toBe("/usr/bin/busybox\n");
    await configure();
    await succeed("bootstrap_users");
    const first = accounts();
    expect(host.run("id -gn builder; id -gn runner")).toBe("buildout\nbuildout\n");
    await succeed("bootstrap_users");
    expect(accounts()).toBe(first);
    expect(await succeed("run", "id", "-un")).toContain("out: builder\n");
    host.run(
      "mkdir -p /var/buildout/app/var; touch /var/buildout/app/x; chmod 777 /var/buildout/app/x",
    );
    host.run("adduser -D -g '' -G nogroup late");
    await succeed("setowners");
    expect(host.run("cd /var/buildout/app; stat -c '%U:%G %a' . x var")).toBe(
      "builder:buildout 750\nbuilder:buildout 750\nrunner:buildout 2770\n",
    );
    await configure({ "effective-user": "late" });
    await succeed("bootstrap_users");
    expect(host.run("id -Gn late")).toBe("nogroup buildout\n");
  });

  test("if no key works, buildout-password does", async () => {
    await start({ sshd: ["PubkeyAuthentication no"] });
    await configure({ "buildout-password": "battery staple:$'\"" });
    const output = await succeed("bootstrap_users");
    expect(output).not.toContain("staple");
    expect(await succeed("run", "id", "-un")).toContain("out: builder\n");
    const cfg = readFileSync(join(project.directory, "parts/hostout/hostout.cfg"), "utf8");
    expect(cfg).not.toContain("staple");
  });

  test("put_key lets a colleague in, by the buildout user or by root", async () => {
    await start();
    await configure();
    const key = makeKey(join(project.scratch, "colleague"));
    const refused = await project.hostout("host1", "put_key", key);
    expect(refused.stderr).toContain("is not a public key");
    await succeed("bootstrap_users");
    await succeed("put_key", `${key}.pub`);
    await succeed("put_key", `${key}.pub`);
    const keys = host.run("cat ~builder/.ssh/authorized_keys").trim().split("\n");
    expect(keys).toHaveLength(2);
    rmSync(join(project.directory, "host1_key"));
    rmSync(join(project.directory, "host1_key.pub"));
    mkdirSync(join(project.scratch, ".ssh"));
    writeFileSync(join(project.scratch, ".ssh/id_ed25519.pub"), readFileSync(`${host.key}.pub`));
    const output = await succeed("put_key");
    expect(output).toContain(".ssh/id_ed25519.pub may log in");
    expect(host.run("cat ~builder/.ssh/authorized_keys").trim().split("\n")).toHaveLength(3);
  });

  test("impossible steps are reported by name", async () => {
    await start();
    await configure({ password: "wrong" });
    const wrong = await project.hostout("host1", "bootstrap_users");
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain("Check the password of user 'admin'");
    expect(wrong.stderr).not.toContain("wrong\n");
    await configure({ password: "", "identity-file": host.key });
    const asked = await project.hostout("host1", "bootstrap_users");
    expect(asked.status).toBe(1);
    expect(asked.stderr).toContain("sudo needs the password of admin");
    expect(asked.stderr).toContain("NOPASSWD");
    await configure({ "no-sudo": "true" });
    const forbidden = await project.hostout("host1", "bootstrap_users");
    expect(forbidden.status).toBe(1);
    expect(forbidden.stderr).toContain("builder cannot log in to");
    await configure({ "effective-user": "-rm" });
    const name = await project.hostout("host1", "bootstrap_users");
    expect(name.status).toBe(1);
    expect(name.stderr).toContain("host1:effective-user: '-rm' cannot be the name of a user");
  });

  test("detecthostos answers for programs too", async () => {
    await start();
    await configure();
    const outcome = await project.hostout("--json", "host1", "detecthostos");
    const events = outcome.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const result = { type: "result", host: "host1", name: "detecthostos", value: "debian" };
    expect(events).toContainEqual(expect.objectContaining(result));
  });
});
