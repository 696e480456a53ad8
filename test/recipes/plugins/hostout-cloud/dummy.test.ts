/** Every command of hostout.cloud, with the dummy driver of libcloud itself. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../../../support/deploy-project.ts";
import { libcloudMissing, PYTHON } from "../../../support/libcloud.ts";
import { startSandboxServer, type TestServer } from "../../../support/servers.ts";

const FILES = { "prod.cfg": "[buildout]\nparts =\n" };

/** Of machines that are in the list from the start: `dummy-1`, `dummy-2`. */
const OPTIONS: Record<string, string> = {
  extends: "hostout.cloud",
  hosttype: "dummy",
  hostname: "dummy-1",
  key: "somebody",
  host: "",
  "known-hosts": "",
  "accept-new": "",
};

describe.skipIf(libcloudMissing !== undefined)(`libcloud's dummy ${libcloudMissing ?? ""}`, () => {
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSandboxServer();
    project = new TestProject(FILES);
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  async function configure(options: Record<string, string> = {}): Promise<void> {
    rmSync(join(project.directory, ".hostout"), { recursive: true, force: true });
    const lines = project.hostLines(server, { ...OPTIONS, ...options });
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1\noffline = true\npython = py\n[py]\nexecutable = ${PYTHON}\n[host1]\n${lines}`,
    });
    const { status, stdout, stderr } = await project.buildout();
    expect([status, stderr], stdout).toEqual([0, ""]);
    // Lint knows every option.
    expect(stdout).not.toContain("Nothing reads");
  }

  const result = async (...words: string[]) => {
    const { stdout } = await project.hostout("--json", "host1", ...words);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    return events.find(({ type }) => type === "result")?.value;
  };

  test("the lists are tables for people, and JSON for programs", async () => {
    await configure();
    const { stdout } = await project.hostout("host1", "list_sizes");
    expect(stdout).toMatch(/^ID +NAME +MB +GB OF DISK +PRICE$/m);
    expect(stdout).toMatch(/^3 +Big +4096 +32 +32$/m);
    expect(await result("list_sizes")).toContainEqual({
      ...{ id: "3", name: "Big", ram: 4096, disk: 32, price: 32 },
    });
    expect(await result("list_images", "slack")).toEqual([{ id: "3", name: "Slackware 4" }]);
    expect(await result("list_images")).toHaveLength(3);
    expect((await result("list_nodes")).map(({ name }: { name: string }) => name)).toEqual([
      ...["dummy-1", "dummy-2"],
    ]);
    const providers = (await result("list_providers")).map(({ name }: { name: string }) => name);
    expect(providers).toEqual(expect.arrayContaining(["ec2", "openstack", "libvirt", "rackspace"]));
  });

  test("existing machines are reported, shown and restarted", async () => {
    await configure();
    expect(await result("is_created")).toBe(true);
    expect(await result("nodestate")).toBe("running");
    expect(await result("printnode")).toMatchObject({ id: "1", public: ["127.0.0.1"] });
    const { status, stdout } = await project.hostout("host1", "reboot");
    expect([status, stdout]).toEqual([0, expect.stringContaining("is restarting 1")]);
  });

  test("a missing machine is an error that names the command to create it", async () => {
    await configure({ hostname: "other" });
    const created = await project.hostout("host1", "is_created");
    expect([created.status, created.stdout]).toEqual([
      1,
      expect.stringContaining("'other' does not exist"),
    ]);
    for (const command of [["nodestate"], ["run", "true"], ["status"]]) {
      const { status, stderr } = await project.hostout("host1", ...command);
      expect([status, stderr]).toEqual([1, expect.stringContaining("has no machine 'other'")]);
    }
  });

  test("a plan lists machines to create, creates none, and counts as a change", async () => {
    await configure({ hostname: "dummy-3", hostsize: "300", hostos: "ubuntu" });
    const { status, stdout } = await project.hostout("host1", "plan", "--detailed-exitcode");
    expect(stdout).toContain(
      "+ a machine 'dummy-3' of Dummy Node Provider (dummy): Medium, price 8, Ubuntu 9.10 (1)",
    );
    expect(status).toBe(2);
    expect(existsSync(join(project.directory, ".hostout"))).toBe(false);
    expect(existsSync(join(project.directory, "dummy-3_key"))).toBe(false);
  });

  test("a machine is created and recorded, with a note that it costs money", async () => {
    await configure({ hostname: "dummy-3", hostsize_name: "small", imageid: "2" });
    const { status, stdout, stderr } = await project.hostout("host1", "create");
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /Small, price 4, 2\n(.*\n)*.*created 3; it is paid for until 'destroy'/,
      ),
    ]);
    expect(stderr).toContain("does not accept keys");
    const file = join(project.directory, ".hostout/machines/dummy-3/machine.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      ...{ provider: "dummy", id: "3", address: "127.0.0.3" },
    });
  });

  test("nothing is removed without a yes", async () => {
    await configure();
    const asked = await project.hostout("host1", "destroy");
    expect([asked.status, asked.stderr]).toEqual([
      1,
      expect.stringContaining("Remove the machine 'dummy-1', 1 (127.0.0.1), with all its data?"),
    ]);
    const { status, stdout } = await project.hostout("host1", "destroy", "--yes");
    expect([status, stdout]).toEqual([0, expect.stringContaining("has removed 1")]);
  });

  test("a deployment uses the address from the provider", async () => {
    project.write({ ssh_config: `Port ${server.port}\n` });
    await configure({
      "ssh-config": join(project.directory, "ssh_config"),
      "identity-file": server.key,
    });
    const { status, stdout, stderr } = await project.hostout("host1", "deploy");
    expect([status, stdout], stderr).toEqual([0, expect.stringContaining("127.0.0.1")]);
    expect(stderr).toContain("trusting the key of the first login");
    const keys = join(project.directory, ".hostout/machines/dummy-1/known_hosts");
    expect(readFileSync(keys, "utf8")).toBe(`machine-dummy-1 ${server.hostKey}\n`);
    // From now on, the address is known, and no other key is trusted.
    const again = await project.hostout("host1", "run", "echo here");
    expect([again.status, again.stderr]).toEqual([0, ""]);
    expect(again.stdout).toContain("here");
    const other = await startSandboxServer();
    try {
      project.write({ ssh_config: `Port ${other.port}\n` });
      const { stderr } = await project.hostout("host1", "run", "true");
      expect(stderr).toMatch(/The host key of 127.0.0.1 port \d+ has changed/);
      expect(stderr).toContain("-R machine-dummy-1");
    } finally {
      await other.close();
    }
  });

  test.each([
    [{ hosttype: "slicehost" }, "provider 'slicehost' no longer exists", "'rackspace'"],
    [{ hosttype: "ec3" }, "no provider 'ec3'", "list_providers"],
    [{ "driver-options": "color = red" }, "no argument 'color'", "driver-options"],
    [{ "driver-options": "color" }, "'color' has no value", "NAME = VALUE"],
    [{ hostname: "no way" }, "cannot be the name of a machine", "hostname"],
  ])("%j is refused", async (options, message, hint) => {
    await configure(options);
    const { status, stderr } = await project.hostout("host1", "is_created");
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});
