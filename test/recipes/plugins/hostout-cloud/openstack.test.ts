/** hostout.cloud with libcloud's driver for OpenStack, against an endpoint of our own. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../../../support/deploy-project.ts";
import { libcloudMissing, PYTHON } from "../../../support/libcloud.ts";
import { OpenStackEndpoint, USER } from "../../../support/openstack-endpoint.ts";

const SECRET = "a password of the project";

describe.skipIf(libcloudMissing !== undefined)(`OpenStack ${libcloudMissing ?? ""}`, () => {
  let openstack: OpenStackEndpoint;
  let project: TestProject;

  beforeEach(async () => {
    openstack = await OpenStackEndpoint.start(SECRET);
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
    project.write({ ssh_config: `Port ${openstack.port}\n`, "secret.txt": `${SECRET}\n` });
  });

  afterEach(async () => {
    await openstack?.close();
    project?.remove();
  });

  async function configure(options: Record<string, string> = {}): Promise<void> {
    const all: Record<string, string> = {
      recipe: "hostout",
      extends: "hostout.cloud",
      hosttype: "openstack",
      key: USER,
      secret: "${secrets:openstack}",
      region: "here",
      "driver-options": openstack.options,
      hostsize: "1000",
      hostos: "debian",
      user: "debian",
      hosttimeout: "60",
      "ssh-config": join(project.directory, "ssh_config"),
      "no-sudo": "true",
      path: "~/app",
      buildout: "prod.cfg",
      ...options,
    };
    const lines = Object.entries(all)
      .map(([name, value]) => `${name} = ${value.replaceAll("\n", "\n    ")}\n`)
      .join("");
    project.write({
      "buildout.cfg": `[buildout]\nparts = web\noffline = true\npython = py\n[secrets]\nopenstack = file:secret.txt\n[py]\nexecutable = ${PYTHON}\n[web]\n${lines}`,
    });
    const { status, stdout, stderr } = await project.buildout();
    expect([status, stderr], stdout).toEqual([0, ""]);
  }

  test("a server is made, deployed to and removed", async () => {
    await configure();
    const { status, stdout, stderr } = await project.hostout("web", "deploy");
    expect([status, stderr], stdout).toEqual([0, ""]);
    expect(stdout).toContain(
      "a machine 'web' of OpenStack (openstack): m1.small, debian-12-generic",
    );
    expect(stdout).toContain("shows its host keys: no other is trusted");
    expect(stdout).toContain("web is at release 1");
    expect(stdout + stderr).not.toContain("never shown");
    const [server] = openstack.servers;
    const publicKey = readFileSync(join(project.directory, "web_key.pub"), "utf8").trim();
    expect(server!.userData).toContain(publicKey);
    const gone = await project.hostout("web", "destroy", "--yes");
    expect([gone.status, gone.stderr], gone.stdout).toEqual([0, ""]);
    expect(openstack.servers).toEqual([]);
  });

  test("a server that fails is named, with what removes it", async () => {
    await configure();
    openstack.fails = true;
    const { status, stderr } = await project.hostout("web", "create");
    expect([status, stderr]).toEqual([1, expect.stringContaining("in the state 'error'")]);
    expect(stderr).toContain("'bin/hostout web destroy' removes it");
    expect((await project.hostout("web", "destroy", "--yes")).status).toBe(0);
    expect(openstack.servers).toEqual([]);
  });

  test("a quota that is used up leaves nothing behind", async () => {
    await configure();
    openstack.quota = 0;
    const { status, stderr } = await project.hostout("web", "create");
    expect([status, stderr]).toEqual([1, expect.stringContaining("Quota exceeded for instances")]);
    expect(stderr).toContain("ask the provider for more");
    expect(existsSync(join(project.directory, ".hostout/machines/web/machine.json"))).toBe(false);
  });

  test.each([
    [{ key: "nobody" }, "'key' and 'secret'"],
    [{ imageid: "none" }, "list_images"],
    [{ hostos: "plan9" }, "list_images"],
  ])("%j is refused", async (options, hint) => {
    await configure(options);
    const { status, stdout, stderr } = await project.hostout("web", "create");
    expect([status, stderr], stdout).toEqual([1, expect.stringContaining(hint)]);
    expect(stdout + stderr).not.toContain(SECRET);
    expect(openstack.servers).toEqual([]);
  });
});
