/** hostout.cloud with libcloud's driver for OpenStack, against an endpoint of our own. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configureCloud } from "../../../support/cloud-project.ts";
import { TestProject } from "../../../support/deploy-project.ts";
import { libcloudMissing } from "../../../support/libcloud.ts";
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
    const usual = {
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
    };
    const secrets = "openstack = file:secret.txt";
    await configureCloud(project, { ...usual, ...options }, { secrets });
  }

  test("a server is made, deployed to and removed", async () => {
    await configure();
    const { status, stdout, stderr } = await project.hostout("web", "deploy");
    expect([status, stderr], stdout).toEqual([0, ""]);
    expect(stdout).toContain(
      "a machine 'web' of OpenStack (openstack): m1.small, debian-12-generic",
    );
    expect(stdout).toContain("shows its host keys: only these are trusted");
    expect(stdout).toContain("web is at release 1");
    expect(stdout + stderr).not.toContain("never shown");
    const [server] = openstack.servers;
    const publicKey = readFileSync(join(project.directory, "web_key.pub"), "utf8").trim();
    expect(server!.userData).toContain(publicKey);
    const gone = await project.hostout("web", "destroy", "--yes");
    expect([gone.status, gone.stderr], gone.stdout).toEqual([0, ""]);
    expect(openstack.servers).toEqual([]);
  });

  test("a server that fails is named, with the command to remove it", async () => {
    await configure();
    openstack.fails = true;
    const { status, stderr } = await project.hostout("web", "create");
    expect([status, stderr]).toEqual([1, expect.stringContaining("in the state 'error'")]);
    expect(stderr).toContain("'bin/hostout web destroy' removes it");
    expect((await project.hostout("web", "destroy", "--yes")).status).toBe(0);
    expect(openstack.servers).toEqual([]);
  });

  test.each([503, 400])(
    "an order that is answered with %i, and is carried out, is found, not repeated",
    async (status) => {
      await configure();
      openstack.mistake = status;
      const lost = await project.hostout("web", "create");
      expect(lost.status).toBe(1);
      expect(lost.stderr).toContain(
        "The request may have succeeded, and the machine may cost money",
      );
      openstack.mistake = undefined;
      expect((await project.hostout("web", "create")).status).toBe(0);
      expect(openstack.servers).toHaveLength(1);
    },
  );

  test("if consoles are forbidden, the key of the first login is trusted", async () => {
    await configure();
    openstack.hidesConsoles = true;
    const { status, stderr } = await project.hostout("web", "create");
    expect([status, stderr]).toEqual([0, expect.stringContaining("key of the first login")]);
  });

  test("an exhausted quota leaves nothing behind", async () => {
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
