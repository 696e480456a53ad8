/** The hosts that fabfiles in Python reach, with which user and how, as set in `env` and `Config`. */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { TestProject } from "../support/deploy-project.ts";
import { fabricProject, shown } from "../support/fabric-project.ts";
import type { Outcome } from "../support/running.ts";
import { allowSudo, startSshdServer, type TestServer, usersMissing } from "../support/servers.ts";

const FABFILE = `
import json
import os
from fabric.api import env, execute, parallel, run, settings, sudo, task
from fabric import host
from show import show, tried

for name, value in json.loads(os.environ.get("AT_IMPORT", "{}")).items():
    env[name] = value


DO = {
    "reach": lambda: run("id -un", quiet=True),
    "way": lambda: json.dumps(host.settings()["destination"]),
    "kinds": lambda: json.dumps([env.roles, env.warn_only, env.parallel, env.pool_size, env.color]),
    "agent": lambda: run("test -S \\"$SSH_AUTH_SOCK\\" && ssh-add -l | wc -l", quiet=True),
    "root": lambda: sudo("id -un", quiet=True),
}


@task
def do(what, *facts):
    """Does it with each of these settings."""
    for each in facts:
        with settings(**json.loads(each)):
            show(tried(DO[what]))


@task
def in_turn(hosts):
    env.eagerly_disconnect = True
    show(execute(lambda: str(run("echo $PPID")), hosts=json.loads(hosts)))


@task
def unknown():
    with settings(skip_unknown_tasks=True):
        show(execute("nothing"))
    execute("nothing")


def meet():
    """Ends when the others have begun, too."""
    env.mine = env.host_string
    with settings(command_timeout=30):
        run("touch ~/at-once/$$; until test $(ls ~/at-once | wc -l) = 3; do sleep 0.05; done")
    return [env.host_string, env.parallel]


def pooled():
    return str(run("mkdir ~/only-one && sleep 0.2 && rmdir ~/only-one && echo alone"))


def failing():
    if env.host == "localhost":
        run("exit 3")
    return "fine"


def unreachable():
    return str(run("echo there"))


@task
def at_once(which, hosts, facts="{}"):
    made = {"meet": parallel(meet), "failing": parallel(failing), "unreachable": parallel(unreachable),
            "pooled": parallel(pool_size=1)(pooled)}[which]
    with settings(**json.loads(facts)):
        found = execute(made, hosts=json.loads(hosts))
        show({host: str(value) if isinstance(value, BaseException) else value for host, value in found.items()})
        show([env.get("mine"), env.parallel])
`;

/** Options with names of Fabric's. */
const NAMED = {
  roles: "web",
  warn_only: "false",
  parallel: "True",
  pool_size: "3",
  color: "red",
};

const MODERN = `
import json
from fabric import Config, Connection, SerialGroup, task
from show import show


@task
def own(c):
    show([c.run("id -un; echo $FROM", warn=True).stdout.split(), c.run("exit 3").exited, c.config.mine.deep])


@task
def configured(c, host, overrides):
    show(Connection(host, config=Config(overrides=json.loads(overrides))).run("id -un", hide=True).stdout.strip())


@task
def handed_on(c, host):
    """Under Fabric, too, the user of the first connection is not that of its configuration."""
    k = Connection(host, config=c.config)
    show([k.run("id -un", hide=True).stdout.strip()])


@task
def own_files(c):
    Config(user_ssh_path="ssh_config")
`;

describe.skipIf(usersMissing !== undefined)(`hosts of fabfiles ${usersMissing ?? ""}`, () => {
  /** The part's host, which accepts keys, and another one, which accepts only passwords. */
  let own: TestServer;
  let other: TestServer;
  let project: TestProject;
  let elsewhere: string;

  beforeAll(async () => {
    own = await startSshdServer();
    other = await startSshdServer(["PubkeyAuthentication no"]);
    elsewhere = `${other.user}@127.0.0.1:${other.port}`;
    await allowSudo(other, "ALL=(ALL:ALL) ALL");
    await allowSudo(own, "ALL=(ALL:ALL) ALL");
    project = await fabricProject(
      { "fabfile.py": FABFILE, "modern.py": MODERN },
      {
        host1: [own, "fabfile.py"],
        bare: [own, "fabfile.py", { "identity-file": "", "ssh-config": "" }],
        secret: [own, "fabfile.py", { password: other.password! }],
        host2: [own, "modern.py"],
        named: [own, "fabfile.py", NAMED],
      },
    );
  }, 60_000);

  afterAll(async () => {
    project?.remove();
    await other?.close();
    await own?.close();
  });

  /** Runs a command with these variables in the environment. */
  const hostout = (variables: Record<string, string>, ...words: string[]) =>
    project.run("env", [
      ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      ...[process.execPath, join(project.directory, "bin/hostout"), ...words],
    ]).outcome;

  /** The output of `do` for each of the settings; `imported` is set by the fabfile at import. */
  const trying = async (
    host: string,
    what: string,
    facts: object[],
    imported: object = {},
    variables = {},
  ) => {
    const outcome = await hostout(
      { AT_IMPORT: JSON.stringify(imported), ...variables },
      ...[host, "do", what, ...facts.map((each) => JSON.stringify(each))],
    );
    expect(outcome.status, outcome.stderr).toBe(0);
    return shown(outcome);
  };

  const REFUSED = expect.stringMatching(/^NetworkError: .* refused to log in/);

  test("env.password and env.passwords log in to hosts that are no part's", async () => {
    const there = { host_string: elsewhere };
    const { user, port, password } = other;
    const passwords = { [`${user}@127.0.0.1:${port}`]: password };
    const ways = [there, { ...there, password }, { ...there, password: "x", passwords }];
    expect(await trying("host1", "reach", ways)).toEqual([REFUSED, user, user]);
    expect(await trying("host1", "reach", [there], { password })).toEqual([user]);
    // The part's own password is only used for its host; passwords from the fabfile are for others.
    expect(await trying("secret", "reach", [there])).toEqual([REFUSED]);
    expect(await trying("secret", "reach", [there], { password })).toEqual([user]);
  });

  test("an option with the name of a Fabric setting has the type of that setting", async () => {
    expect(await trying("named", "kinds", [{}])).toEqual([
      JSON.stringify([[], false, true, 3, "red"]).replaceAll(",", ", "),
    ]);
  });

  test("env.sudo_password, env.sudo_passwords and the login's answer sudo there", async () => {
    const there = { host_string: elsewhere, password: other.password };
    const wrong = { ...there, sudo_password: "wrong" };
    const sudo_passwords = { [`${other.user}@127.0.0.1:${other.port}`]: other.password };
    expect(await trying("host1", "root", [there, wrong, { ...wrong, sudo_passwords }])).toEqual([
      "root",
      expect.stringMatching(/^Sorry, try again/),
      "root",
    ]);
  });

  test("env.user and env.port override those of the part", async () => {
    const { user, port, password } = other;
    const there = { host_string: "localhost" };
    expect(await trying("host1", "reach", [{ ...there, user, port, password }])).toEqual([user]);
    // At import, the part decides about its own host.
    const imported = { user, port: String(port), password };
    expect(await trying("host1", "reach", [there, {}], imported)).toEqual([user, own.user]);
  });

  test("env.reject_unknown_hosts refuses hosts without a known key, also the part's", async () => {
    rmSync(join(project.scratch, "known_hosts"), { force: true });
    const strict = { reject_unknown_hosts: true };
    const unknown = expect.stringMatching(/^NetworkError: .*(key|known)/i);
    const there = { host_string: elsewhere, password: other.password, ...strict };
    const system_known_hosts = join(project.scratch, "system_known_hosts");
    writeFileSync(system_known_hosts, `[127.0.0.1]:${other.port} ${other.hostKey}\n`);
    const ways = [strict, there, { ...there, system_known_hosts }];
    expect(await trying("host1", "reach", ways)).toEqual([unknown, unknown, other.user]);
    expect(await trying("host1", "reach", [{}], strict)).toEqual([unknown]);
  });

  test("keys: env.key_filename, env.no_keys; env.key is refused", async () => {
    const lost = { key_filename: join(project.scratch, "nothing") };
    expect(await trying("host1", "reach", [lost])).toEqual([REFUSED]);
    // The option identity-file overrides values set at import.
    expect(await trying("host1", "reach", [{}], lost)).toEqual([own.user]);
    expect(await trying("bare", "reach", [{}], { key_filename: own.key })).toEqual([own.user]);
    mkdirSync(join(project.scratch, ".ssh"), { recursive: true });
    onTestFinished(() => rmSync(join(project.scratch, ".ssh"), { recursive: true }));
    cpSync(own.key, join(project.scratch, ".ssh/id_ed25519"));
    expect(await trying("bare", "reach", [{}, { no_keys: true }])).toEqual([own.user, REFUSED]);
    const names = ["key", "gss_auth", "gss_kex", "gss_deleg"];
    expect(
      await trying(
        "host1",
        "reach",
        names.map((name) => ({ [name]: "x" })),
      ),
    ).toEqual(
      names.map((name) => expect.stringContaining(`Aborted: env.${name} is not supported.`)),
    );
  });

  test("the agent: env.no_agent, env.forward_agent", async () => {
    const SSH_AUTH_SOCK = join(project.scratch, "agent");
    const daemon = spawn("ssh-agent", ["-D", "-a", SSH_AUTH_SOCK], { stdio: "pipe" });
    onTestFinished(() => void daemon.kill());
    await new Promise((resolve) => daemon.stdout.once("data", resolve));
    execFileSync("ssh-add", ["-q", own.key], { env: { ...process.env, SSH_AUTH_SOCK } });
    const variables = { SSH_AUTH_SOCK };
    const logins = await trying("bare", "reach", [{}, { no_agent: true }], {}, variables);
    expect(logins).toEqual([own.user, REFUSED]);
    const agents = await trying("bare", "agent", [{}, { forward_agent: true }], {}, variables);
    expect(agents).toEqual(["", "1"]);
  });

  test("the way: env.gateway, env.use_ssh_config and its path, env.timeout", async () => {
    const { user, password } = other;
    const dead = { gateway: "127.0.0.1:1" };
    const unreachable = expect.stringMatching(/^NetworkError: Cannot reach 127\.0\.0\.1 port 1/);
    const ssh_config_path = join(project.scratch, "aliases");
    writeFileSync(ssh_config_path, `Host shop\n  HostName 127.0.0.1\n  Port ${other.port}\n`);
    const aliased = { host_string: `${user}@shop`, password, ssh_config_path };
    const ways = [
      dead,
      { ...dead, host_string: elsewhere, password },
      { gateway: elsewhere, password },
      aliased,
      { ...aliased, use_ssh_config: true },
    ];
    expect(await trying("host1", "reach", ways)).toEqual([
      unreachable,
      unreachable,
      own.user,
      expect.stringContaining("Cannot reach shop"),
      user,
    ]);
    // No host can show how long and how often a connection is tried.
    const [way, none] = await trying("host1", "way", [
      { timeout: 3, connection_attempts: 4, keepalive: 5, abort_on_prompts: true },
      {},
    ]);
    expect(JSON.parse(String(way))).toMatchObject({
      connectTimeout: 3,
      sshOptions: [
        ["ServerAliveInterval", "5"],
        ["ConnectionAttempts", "4"],
      ],
      asksNobody: true,
    });
    expect(none).toBe("null");
  });

  test("env.eagerly_disconnect logs out of each host, env.skip_unknown_tasks only warns", async () => {
    const hosts = [`127.0.0.1:${own.port}`, `${own.user}@localhost:${own.port}`];
    const { status, stdout, stderr } = await project.hostout(
      "host1",
      "in_turn",
      JSON.stringify(hosts),
    );
    expect(status, stderr).toBe(0);
    expect(Object.keys(shown({ stdout } as Outcome)[0] as object)).toEqual(hosts);
    const unknown = await project.hostout("host1", "unknown");
    expect(shown(unknown)).toEqual([null]);
    expect(unknown.stderr).toContain("Warning: 'nothing' is not callable");
    expect(unknown.stderr).toContain("Error: There is no task 'nothing'.");
  });

  describe("parallel tasks of execute", () => {
    const three = () => [
      `127.0.0.1:${own.port}`,
      `${own.user}@localhost:${own.port}`,
      `${own.user}@LOCALHOST:${own.port}`,
    ];
    const atOnce = (which: string, hosts: string[], facts: object = {}) =>
      project.hostout("host1", "at_once", which, JSON.stringify(hosts), JSON.stringify(facts));

    test("run at the same time, each in a process of its own", async () => {
      mkdirSync(join(own.home, "at-once"), { recursive: true });
      execFileSync("chown", [own.user, join(own.home, "at-once")]);
      const met = await atOnce("meet", three());
      expect(met.status, met.stderr).toBe(0);
      expect(shown(met)).toEqual([
        Object.fromEntries(three().map((host) => [host, [host, true]])),
        [null, false],
      ]);
    });

    test("pool_size limits their number", async () => {
      const pooled = await atOnce("pooled", three());
      expect(pooled.status, pooled.stderr).toBe(0);
      expect(Object.values(shown(pooled)[0] as object)).toEqual(["alone", "alone", "alone"]);
    });

    test("a failure ends the run when all have ended; with warn_only and skip_bad_hosts it continues", async () => {
      const failed = await atOnce("failing", three());
      expect(failed.status).toBe(1);
      expect(failed.stderr).toContain(
        "Error: One or more hosts failed while executing task 'failing'\n" +
          `${three()[1]}: 'exit 3' ended with status 3 on host1.\n`,
      );
      const warned = await atOnce("failing", three(), { warn_only: true });
      expect(warned.status).toBe(0);
      const dead = ["127.0.0.1:1", three()[0]!];
      expect((await atOnce("unreachable", dead)).status).toBe(1);
      const skipped = await atOnce("unreachable", dead, { skip_bad_hosts: true });
      expect(skipped.status, skipped.stderr).toBe(0);
      expect(shown(skipped)[0]).toMatchObject({ [dead[1]!]: "there" });
      expect(skipped.stderr).toContain("Warning: ");
    });
  });

  describe("Fabric 2", () => {
    test("files and variables configure the task's connection, over which the part rules", async () => {
      project.write({
        "fabric.yaml":
          "user: nobody9\nport: 1\nrun:\n  warn: true\n  env:\n    FROM: file\nmine:\n  deep: file\n",
      });
      onTestFinished(() => rmSync(join(project.directory, "fabric.yaml")));
      const file = await project.hostout("host2", "own");
      expect(file.status, file.stderr).toBe(0);
      expect(shown(file)).toEqual([[[own.user, "file"], 3, "file"]]);
      const variable = await hostout(
        { FABRIC_MINE_DEEP: "variable", FABRIC_RUN_WARN: "1" },
        "host2",
        "own",
      );
      expect(shown(variable)).toEqual([[[own.user, "file"], 3, "variable"]]);
      const strict = await hostout({ FABRIC_RUN_WARN: "" }, "host2", "own");
      expect(strict.stderr).toContain("'exit 3' ended with status 3");
      expect(await hostout({ FABRIC_RUN_WATCHERS: "x" }, "host2", "own")).toMatchObject({
        status: 1,
      });
    });

    test("a Config sets user and host; unsupported settings are errors", async () => {
      const { user, port, password } = other;
      const overrides = { user, port, connect_kwargs: { password } };
      for (const host of ["127.0.0.1", "localhost"]) {
        const found = await project.hostout("host2", "configured", host, JSON.stringify(overrides));
        expect(shown(found), found.stderr).toEqual([user]);
      }
      const nobody = JSON.stringify({ user: "nobody9" });
      // By the part's name and by its address: nobody9 has no key there.
      const named = await project.hostout("host2", "configured", "host2", nobody);
      expect(named.stderr).toContain("nobody9");
      expect(named.status).toBe(1);
      const handed = await project.hostout("host2", "handed-on", `127.0.0.1:${own.port}`);
      expect(shown(handed), handed.stderr).toEqual([[own.user]]);
      const path = await project.hostout("host2", "own-files");
      expect(path.stderr).toContain("Config() does not support user_ssh_path= here: name one file");
    });
  });
});
