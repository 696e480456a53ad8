import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";

const sshMissing = spawnSync("ssh", ["-V"]).error ? "apt-get install openssh-client" : undefined;
if (sshMissing && process.env.CI) throw new Error(sshMissing);

const CONFIG = `Host w*
  Include included
  HostName %h.example.org
  IdentityFile ~/.ssh/%r
  IdentityFile "/keys/my key"
  ConnectTimeout 1m30s
  ControlMaster auto
Match final
  UserKnownHostsFile /known/%h /known/%p
Match host *.org originalhost web
  SetEnv A=b "C=d e"
  ServerAliveInterval none
  ServerAliveInterval 2m
  PreferredAuthentications publickey
  Compression yes
  Compression no
  ForwardAgent true
  HostKeyAlias ALIAS
  StrictHostKeyChecking off
  IdentityAgent /run/%r/agent
  GlobalKnownHostsFile /a /b
  Ciphers +aes128-cbc
`;

let project: TestProject;
let included: string;
beforeAll(async () => {
  project = new TestProject({
    "buildout.cfg": `[buildout]
parts = web bare
[web]
recipe = collective.hostout
host = web
ssh-config = etc/ssh_config
buildout = prod.cfg
[bare]
recipe = collective.hostout
host = web:2022
user = ann
identity-file = etc/ann
known-hosts = etc/known_hosts
ssh-config = etc/ssh_config
buildout = prod.cfg
`,
    "prod.cfg": "[buildout]\nparts =\n",
    "etc/ann": "a key\n",
  });
  included = join(project.scratch, "included");
  project.write({
    "../included": "User dep\nPort 2200\n",
    "etc/ssh_config": CONFIG.replace("included", included),
  });
  expect((await project.buildout()).status).toBe(0);
});
afterAll(() => project.remove());

async function printed(host: string): Promise<string> {
  const { status, stdout, stderr } = await project.hostout(host, "ssh-config");
  expect([status, stderr]).toEqual([0, ""]);
  return stdout
    .split("\n")
    .map((line) => line.replace(/^\[\w+\] out: /, ""))
    .filter((line) => line !== "")
    .join("\n")
    .replaceAll(`${project.directory}/`, "")
    .replaceAll(project.scratch, "SCRATCH");
}

test("every setting that counts has its value and its place, those that do not count their reason", async () => {
  expect(await printed("web")).toContain(`dep@web.example.org port 2200
HostName web.example.org  # etc/ssh_config:3
Port 2200  # SCRATCH/included:2
User dep  # SCRATCH/included:1
IdentityFile ~/.ssh/%r  # etc/ssh_config:4
IdentityFile /keys/my key  # etc/ssh_config:5
ConnectTimeout 90  # etc/ssh_config:6
ControlMaster auto  # etc/ssh_config:7, not used: hostout shares its own connection
`);
});

test("options of the part take precedence, and are named as the source", async () => {
  const text = await printed("bare");
  expect(text).toContain(`ann@web.example.org port 2022
HostName web.example.org  # etc/ssh_config:3
Port 2022  # option 'host' of [bare]
User ann  # option 'user' of [bare]
IdentityFile etc/ann  # option 'identity-file' of [bare]
UserKnownHostsFile etc/known_hosts  # option 'known-hosts' of [bare]
`);
  const other = "not used: overridden by option 'identity-file' of [bare]";
  expect(text).toContain(`IdentityFile ~/.ssh/%r  # etc/ssh_config:4, ${other}\n`);
});

test.skipIf(sshMissing)("the values are those of ssh -G", async () => {
  const file = join(project.directory, "etc/ssh_config");
  const { stdout } = spawnSync("ssh", ["-F", file, "-G", "web"], { encoding: "utf8" });
  const theirs = stdout.toLowerCase().split("\n");
  // ssh spells them differently, or prints the whole list.
  const others = /^(?:stricthostkeychecking|ciphers|controlmaster) /;
  const ours = (await printed("web"))
    .split("\n")
    // Without the command, the summary and the end.
    .slice(2, -1)
    .map((line) => line.replace(/ {2}# .*/, "").toLowerCase());
  expect(ours.length).toBeGreaterThan(15);
  const unlike = ours.filter((line) => !theirs.includes(line) && !others.test(line));
  expect(unlike).toEqual([]);
});
