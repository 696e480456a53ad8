/** hostout.cloud with libvirt: creates a Debian virtual machine, boots it, deploys to it and removes it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureCloud } from "../../../support/cloud-project.ts";
import { TestProject } from "../../../support/deploy-project.ts";
import { type Libvirt, libvirtMissing, startLibvirt } from "../../../support/hosts/libvirt.ts";
import { libcloudMissing } from "../../../support/libcloud.ts";

const MINUTES = 60_000;
const missing = libcloudMissing ?? libvirtMissing;

describe.skipIf(missing !== undefined)(`libvirt ${missing ?? ""}`, () => {
  let libvirt: Libvirt;
  let project: TestProject;

  beforeAll(async () => {
    libvirt = await startLibvirt();
    project = new TestProject({
      "prod.cfg": `[buildout]
parts = app
[app]
recipe = collective.recipe.template
input = inline:
    #!/bin/sh
    echo "hello from $(hostname)"
output = \${buildout:bin-directory}/hello
mode = 755
`,
    });
  }, 10 * MINUTES);

  afterAll(async () => {
    project?.remove();
    await libvirt?.close();
  });

  const configure = (options: Record<string, string> = {}) =>
    configureCloud(project, {
      hosttype: "libvirt",
      "driver-options": `uri = ${libvirt.uri}`,
      hostsize: "1024",
      // Without KVM a machine takes minutes.
      hosttimeout: "1000",
      imageid: libvirt.image,
      user: "admin",
      path: "/srv/app",
      ...options,
    });

  const domains = () => libvirt.virsh("list", "--all", "--name").trim();
  const volumes = () =>
    libvirt
      .virsh("vol-list", "default")
      .split("\n")
      .map((line) => line.trim().split(/\s+/)[0])
      .filter((name) => name !== "");

  test(
    "a machine is made, deployed to, and removed with its disks",
    async () => {
      await configure();
      const { status, stdout, stderr } = await project.hostout("web", "deploy");
      expect(status, stdout + stderr).toBe(0);
      expect(stdout).toContain("web is at release 1");
      expect(domains()).toBe("web");
      const hello = await project.hostout("web", "run", "bin/hello");
      expect(hello.stdout, hello.stderr).toContain("hello from web");
      const gone = await project.hostout("web", "destroy", "--yes");
      expect([gone.status, gone.stderr], gone.stdout).toEqual([0, ""]);
      expect(domains()).toBe("");
      expect(volumes()).toEqual(["debian-12.qcow2"]);
    },
    20 * MINUTES,
  );
});
