/** hostout.cloud with libcloud's driver for EC2, against an endpoint of our own. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { configureCloud } from "../../../support/cloud-project.ts";
import { TestProject } from "../../../support/deploy-project.ts";
import { Ec2Endpoint, IMAGE, KEY } from "../../../support/ec2-endpoint.ts";
import { libcloudMissing } from "../../../support/libcloud.ts";

const FILES = { "prod.cfg": "[buildout]\nparts =\n" };

describe.skipIf(libcloudMissing !== undefined)(`EC2 ${libcloudMissing ?? ""}`, () => {
  let ec2: Ec2Endpoint;
  let project: TestProject;

  /** The content of the project's parts. */
  let configured = "";

  beforeAll(async () => {
    ec2 = await Ec2Endpoint.start();
    project = new TestProject(FILES);
    project.env.EC2_SECRET = "a secret of forty characters, more or less";
    project.write({ ssh_config: `Port ${ec2.port}\n` });
  });

  beforeEach(async () => {
    await ec2.reset();
    for (const name of [".hostout", "web_key", "web_key.pub"]) {
      rmSync(join(project.directory, name), { recursive: true, force: true });
    }
  });

  afterAll(async () => {
    await ec2?.close();
    project?.remove();
  });

  async function configure(options: Record<string, string> = {}): Promise<void> {
    const usual = {
      hosttype: "EC2_EU_WEST",
      key: KEY,
      secret: "${secrets:ec2}",
      "driver-options": ec2.options,
      hostsize_name: "t3.micro",
      imageid: IMAGE,
      user: "admin",
      hosttimeout: "60",
      "ssh-config": join(project.directory, "ssh_config"),
      "no-sudo": "true",
      path: "~/app",
    };
    const secrets = "ec2 = env:EC2_SECRET";
    if (configured === JSON.stringify(options)) return;
    await configureCloud(project, { ...usual, ...options }, { secrets });
    configured = JSON.stringify(options);
  }

  const record = (name: string) =>
    JSON.parse(
      readFileSync(join(project.directory, `.hostout/machines/${name}/machine.json`), "utf8"),
    );

  test("a deployment makes the machine, its console vouches for it, and destroy removes it", async () => {
    await configure();
    const { status, stdout, stderr } = await project.hostout("web", "deploy");
    expect([status, stderr], stdout).toEqual([0, ""]);
    expect(stdout).toContain("Requesting a machine 'web' of Amazon EC2 (ec2): t3.micro, price");
    expect(stdout).toContain("port 22 is open to everybody");
    expect(stdout).toContain("is pending");
    expect(stdout).toContain("shows its host keys: only these are trusted");
    expect(stdout).toContain("web is at release 1");
    const [machine] = ec2.alive("web");
    expect(ec2.alive("web")).toHaveLength(1);
    expect(record("web")).toMatchObject({ id: machine!.id, address: machine!.address });
    // One key, for one user, and no secret anywhere.
    const publicKey = readFileSync(join(project.directory, "web_key.pub"), "utf8").trim();
    expect(machine!.userData).toContain(publicKey);
    expect(machine!.userData).not.toContain("PRIVATE");

    const again = await project.hostout("web", "deploy");
    expect([again.status, again.stderr], again.stdout).toEqual([0, ""]);
    expect(again.stdout).not.toContain("Requesting");
    expect(ec2.instances).toHaveLength(1);

    const gone = await project.hostout("web", "destroy", "--yes");
    expect([gone.status, gone.stderr], gone.stdout).toEqual([0, ""]);
    expect(ec2.alive("web")).toEqual([]);
    expect([...ec2.groups]).toEqual([]);
    expect(existsSync(join(project.directory, ".hostout/machines/web/machine.json"))).toBe(false);
    expect((await project.hostout("web", "is_created")).status).toBe(1);
  });

  test("a changed address is found again, and the key must still be the machine's", async () => {
    await configure();
    expect((await project.hostout("web", "create")).status).toBe(0);
    const [machine] = ec2.alive("web");
    expect((await project.hostout("web", "reboot")).status).toBe(0);
    await ec2.move(machine!);
    const { status, stdout, stderr } = await project.hostout("web", "run", "echo here");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(machine!.address!);
    expect(record("web").address).toBe(machine!.address);
  });

  test("an order whose response got lost is not repeated", async () => {
    await configure();
    ec2.fail("RunInstances", { isDone: true });
    const lost = await project.hostout("web", "create");
    expect(lost.status).toBe(1);
    expect(lost.stderr).toContain("The request may have succeeded, and the machine may cost money");
    expect(lost.stderr).toContain("run the same command again");
    expect(record("web").id).toBeUndefined();
    const { status, stdout } = await project.hostout("web", "create");
    expect(status, stdout).toBe(0);
    expect(ec2.instances).toHaveLength(1);
  });

  test("an order that the list does not show yet is repeated with its token", async () => {
    // A list may lack a machine for as long as it may take to start, but at most for 20 s.
    await configure({ hosttimeout: "8" });
    ec2.fail("RunInstances", { isDone: true });
    expect((await project.hostout("web", "create")).status).toBe(1);
    const [hidden] = ec2.instances;
    const { name } = hidden!;
    hidden!.name = "not in the list";
    const second = project.startHostout("web", "create");
    await second.said("has created");
    hidden!.name = name;
    expect((await second.outcome).status).toBe(0);
    expect(ec2.instances).toHaveLength(1);
  });

  test("a call that is ended right after its order leaves a machine that the next one finds", async () => {
    await configure();
    Object.assign(ec2.behavior, { looks: 1, console: 0, hides: 3 });
    const first = project.startHostout("web", "create");
    await first.said("has created");
    first.child.kill("SIGINT");
    expect((await first.outcome).status).toBe(130);
    const { status, stdout } = await project.hostout("web", "create");
    expect([status, ec2.instances.length], stdout).toEqual([0, 1]);
  });

  test("a list may show a new machine late, and machines missing in it may still cost money", async () => {
    await configure();
    Object.assign(ec2.behavior, { looks: 0, console: 0, hides: 1 });
    const { status, stdout } = await project.hostout("web", "create");
    expect([status, ec2.instances.length], stdout).toEqual([0, 1]);
    const [machine] = ec2.alive("web");
    machine!.name = "renamed";
    const { stderr } = await project.hostout("web", "destroy", "--yes");
    expect(stderr).toContain(`The machine ${machine!.id} (ec2) of an earlier call is not listed`);
    expect(ec2.alive("renamed")).toHaveLength(1);
  });

  test("a machine that does not start is kept, and its price is reported; the next call waits for it", async () => {
    await configure({ hosttimeout: "3" });
    Object.assign(ec2.behavior, { looks: 0, console: "never", hangs: true });
    const { status, stderr } = await project.hostout("web", "create");
    const [machine] = ec2.alive("web");
    expect(status).toBe(1);
    expect(stderr).toContain(
      `The machine ${machine!.id} of Amazon EC2 is still 'pending' after 3 s. It is kept, and costs money.`,
    );
    expect(stderr).toContain("'bin/hostout web destroy' removes it");
    machine!.behavior.hangs = false;
    const again = await project.hostout("web", "create");
    expect([again.status, ec2.instances.length]).toEqual([0, 1]);
    expect(again.stderr).toContain("trusting the key of the first login");
  });

  test("a login is tried until the machine responds, and then until it accepts the key", async () => {
    await configure();
    Object.assign(ec2.behavior, { looks: 0, console: 0, drops: 2, refusals: 1 });
    const { status, stdout, stderr } = await project.hostout("web", "bootstrap");
    expect([status, stderr], stdout).toEqual([0, ""]);
    expect(stdout).toContain("does not accept logins yet; retrying");
    // A machine that is up gets no second chance.
    const [machine] = ec2.alive("web");
    await machine!.place!.server.close();
    expect((await project.hostout("web", "run", "true")).status).toBe(1);
  });

  test("a machine with another host key than on its console is not logged in to", async () => {
    await configure();
    Object.assign(ec2.behavior, { looks: 0, console: "wrong" });
    const { status, stderr } = await project.hostout("web", "deploy");
    expect([status, stderr]).toEqual([1, expect.stringContaining("has changed")]);
  });

  test("a busy provider is asked again", async () => {
    await configure();
    ec2.fail("DescribeInstances", { status: 503, code: "RequestLimitExceeded", times: 2 });
    ec2.fail("RunInstances", { status: 503, code: "RequestLimitExceeded" });
    const { status, stdout } = await project.hostout("web", "create");
    expect(status, stdout).toBe(0);
    expect(stdout).toContain("The provider is busy; the next try is in 1 s");
    expect(ec2.instances).toHaveLength(1);
  });

  test.each([
    ["provider-login-failed", { key: "AKIAWRONG" }, "not able to validate", "'key' and 'secret'"],
    ["unknown-image", { imageid: "ami-none" }, "'[ami-none]'", "list_images"],
    ["unknown-size", { hostsize_name: "t9.huge" }, "There is no size 't9.huge'", "list_sizes"],
    ["unknown-image", { imageid: "", hostos: "debian" }, "The image of the machine", "anybody"],
  ])("%s: %j", async (code, options, message, hint) => {
    await configure(options);
    const { status, stdout } = await project.hostout("--json", "web", "create");
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.find(({ type }) => type === "error")).toMatchObject({
      ...{ code, message: expect.stringContaining(message), hint: expect.stringContaining(hint) },
    });
    expect([status, ec2.instances]).toEqual([1, []]);
    expect(stdout).not.toContain(project.env.EC2_SECRET);
  });

  test("an exhausted quota leaves nothing behind", async () => {
    await configure();
    ec2.fail("RunInstances", { code: "VcpuLimitExceeded", message: "Request more vCPU capacity." });
    const { status, stderr } = await project.hostout("web", "create");
    expect([status, stderr]).toEqual([1, expect.stringContaining("Request more vCPU capacity")]);
    expect(stderr).toContain("ask the provider for more");
    expect([...ec2.groups]).toEqual([]);
    expect(existsSync(join(project.directory, ".hostout/machines/web/machine.json"))).toBe(false);
  });

  test("of two machines with one name, neither is chosen", async () => {
    await configure();
    const ids = [ec2.add("web").id, ec2.add("web").id];
    for (const words of [["deploy"], ["destroy", "--yes"], ["run", "true"]]) {
      const { status, stderr } = await project.hostout("web", ...words);
      expect(status).toBe(1);
      expect(stderr).toContain(
        `has 2 machines named 'web': ${ids[0]} (running), ${ids[1]} (running)`,
      );
    }
    expect(ec2.alive("web")).toHaveLength(2);
  });

  test("a machine that is stopped is not waited for", async () => {
    await configure();
    const machine = ec2.add("web");
    machine.state = "stopped";
    const { status, stderr } = await project.hostout("web", "deploy");
    expect([status, stderr]).toEqual([1, expect.stringContaining("is 'stopped'")]);
    expect(stderr).toContain("Start it there");
    expect(ec2.instances).toHaveLength(1);
  });

  test("two calls at the same time make one machine", async () => {
    await configure();
    const both = await Promise.all([
      project.hostout("web", "create"),
      project.hostout("web", "create"),
    ]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect(ec2.instances).toHaveLength(1);
  });

  test("a clone of the project finds the machine", async () => {
    await configure();
    expect((await project.hostout("web", "create")).status).toBe(0);
    const file = join(project.directory, ".hostout/machines/web/machine.json");
    writeFileSync(file, "");
    const { status, stdout, stderr } = await project.hostout("web", "run", "echo here");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("here");
  });
});
