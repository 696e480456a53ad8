/** hostout.cloud with libcloud's driver for EC2: its instances are Debian hosts with sshd. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { debianServer } from "../../../support/cloud-machines.ts";
import { configureCloud } from "../../../support/cloud-project.ts";
import { TestProject } from "../../../support/deploy-project.ts";
import { Ec2Endpoint, IMAGE, KEY } from "../../../support/ec2-endpoint.ts";
import { hostsMissing } from "../../../support/hosts/host.ts";
import { libcloudMissing } from "../../../support/libcloud.ts";

const MINUTES = 60_000;
const missing = libcloudMissing ?? hostsMissing;

const FILES = {
  "prod.cfg": `[buildout]
parts = app
[app]
recipe = collective.recipe.template
input = inline:
    #!/bin/sh
    echo "\${:greeting} from $(. /etc/os-release; echo $ID)"
greeting = hello
output = \${buildout:bin-directory}/hello
mode = 755
`,
};

describe.skipIf(missing !== undefined)(`Debian machines ${missing ?? ""}`, () => {
  let ec2: Ec2Endpoint;
  let project: TestProject;

  beforeEach(async () => {
    ec2 = await Ec2Endpoint.start(debianServer);
    project = new TestProject(FILES);
    project.write({ ssh_config: `Port ${ec2.port}\n` });
    project.env.EC2_SECRET = "a secret of forty characters, more or less";
  }, 5 * MINUTES);

  afterEach(async () => {
    await ec2?.close();
    project?.remove();
  });

  const configure = (hosts: string[]) => {
    const options = {
      ...{ hosttype: "EC2_EU_WEST", key: KEY, secret: "${secrets:ec2}", roles: "web" },
      ...{ "driver-options": ec2.options, hostsize_name: "t3.micro", imageid: IMAGE },
      ...{ user: "admin", path: "/srv/app", "ssh-config": join(project.directory, "ssh_config") },
    };
    return configureCloud(project, options, { hosts, secrets: "ec2 = env:EC2_SECRET" });
  };

  test(
    "one is made, bootstrapped, deployed to, found at another address, and removed",
    async () => {
      await configure(["web"]);
      // It starts as machines do: without an answer at first, then without the key.
      Object.assign(ec2.behavior, { drops: 2, refusals: 1 });
      const { status, stdout, stderr } = await project.hostout("web", "deploy");
      expect([status, stderr], stdout).toEqual([0, ""]);
      expect(stdout).toContain("does not accept logins yet; retrying");
      expect(stdout).toContain("shows its host keys: only these are trusted");
      const run = await project.hostout("web", "run", "bin/hello");
      expect([run.status, run.stdout], run.stderr).toEqual([
        0,
        expect.stringContaining("hello from debian"),
      ]);
      const [machine] = ec2.alive("web");
      const former = machine!.address;
      await ec2.move(machine!);
      const again = await project.hostout("web", "deploy");
      expect([again.status, again.stderr], again.stdout).toEqual([0, ""]);
      expect(machine!.address).not.toBe(former);
      expect(again.stdout).toContain(machine!.address);
      expect(ec2.instances).toHaveLength(1);
      const gone = await project.hostout("web", "destroy", "--yes");
      expect([gone.status, gone.stderr], gone.stdout).toEqual([0, ""]);
      expect([ec2.alive("web"), [...ec2.groups]]).toEqual([[], []]);
    },
    5 * MINUTES,
  );

  test(
    "ten are made, deployed to and removed in one run each",
    async () => {
      const hosts = Array.from({ length: 10 }, (_, index) => `web${index}`);
      await configure(hosts);
      const { status, stdout, stderr } = await project.hostout("-P", "@web", "deploy");
      expect([status, stderr], stdout).toEqual([0, ""]);
      const run = await project.hostout("-P", "@web", "run", "bin/hello");
      expect(run.stdout.match(/hello from debian/g), run.stderr).toHaveLength(10);
      const gone = await project.hostout("-P", "@web", "destroy", "--yes");
      expect([gone.status, gone.stderr], gone.stdout).toEqual([0, ""]);
      expect([hosts.flatMap((name) => ec2.alive(name)), [...ec2.groups]]).toEqual([[], []]);
    },
    8 * MINUTES,
  );
});
