/** Every token in every keyword, as the installed ssh expands or refuses it. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveTarget } from "../../../src/ssh/resolve.ts";
import type { ResolvedTarget } from "../../../src/ssh/target.ts";
import { scratchFolder } from "../../support/servers.ts";

const sshMissing = spawnSync("ssh", ["-V"]).error ? "apt-get install openssh-client" : undefined;
if (sshMissing && process.env.CI) throw new Error(sshMissing);

let folder: string;
beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const env = { ...process.env, SHELL: "/bin/sh" };
/** All tokens; `x` is none, nor is `%` alone. `j` came with OpenSSH 9.6, so it is not compared. */
const TOKENS = [..."%CdfhHIikKLlnprTtux", ""].map((name) => `%${name}`);
const BEFORE = ["Host there", "HostName 10.1.2.3", "Port 2200", "User dep", "HostKeyAlias Other"];

/** The output of an ssh run that gets no further than its proxy command. */
function verbose(file: string, ...args: string[]): string {
  const { stderr } = spawnSync("ssh", ["-v", "-F", file, ...args, "there", "true"], {
    ...{ encoding: "utf8", env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  return stderr;
}

function printed(keyword: string) {
  return (file: string): string | undefined => {
    const { status, stdout } = spawnSync("ssh", ["-F", file, "-G", "there"], {
      ...{ encoding: "utf8", env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (status !== 0) return undefined;
    return new RegExp(`^${keyword} (.*)$`, "im").exec(stdout)?.[1];
  };
}

interface Place {
  /** The lines with a token in them. */
  lines(token: string): string[];
  /** The result of ssh; undefined for an error. */
  ssh(file: string): string | undefined;
  us(target: ResolvedTarget): string | undefined;
}

const PLACES: Record<string, Place> = {
  HostName: {
    lines: (token) => [`HostName a${token}`],
    ssh: printed("hostname"),
    us: ({ hostName }) => hostName,
  },
  UserKnownHostsFile: {
    lines: (token) => [`UserKnownHostsFile /a${token}`],
    ssh: printed("userknownhostsfile"),
    us: ({ knownHostsFiles }) => knownHostsFiles[0],
  },
  IdentityAgent: {
    lines: (token) => [`IdentityAgent /a${token}`],
    ssh: printed("identityagent"),
    us: ({ agent }) => agent,
  },
  ForwardAgent: {
    lines: (token) => [`ForwardAgent /a${token}`],
    ssh: printed("forwardagent"),
    us: ({ forwardedAgent }) => forwardedAgent,
  },
  IdentityFile: {
    lines: (token) => [`IdentityFile /a${token}`],
    ssh: (file) =>
      /^debug1: identity file (.*) type/m.exec(verbose(file, "-o", "ProxyCommand=true"))?.[1],
    us: ({ identities }) => identities[0]?.path,
  },
  CertificateFile: {
    lines: (token) => ["IdentityFile none", `CertificateFile /a${token}`],
    ssh: (file) =>
      /^debug1: certificate file (.*) type/m.exec(verbose(file, "-o", "ProxyCommand=true"))?.[1],
    us: ({ certificates }) => certificates[0],
  },
  ProxyCommand: {
    lines: (token) => [`ProxyCommand true a${token}`],
    ssh: (file) => /^debug1: Executing proxy command: exec (.*)$/m.exec(verbose(file))?.[1],
    us: ({ proxyCommand }) => proxyCommand,
  },
  ProxyJump: {
    lines: (token) => [`ProxyJump a${token}`],
    ssh: (file) => /^debug1: Executing proxy command: exec .* (\S+)$/m.exec(verbose(file))?.[1],
    us: ({ jumps }) => jumps[0],
  },
  "Match exec": {
    lines: (token) => [`Match exec "printf %%s 'a${token}' > ${join(folder, "said")}"`],
    ssh: (file) => printed("hostname")(file) && readFileSync(join(folder, "said"), "utf8"),
    us: () => readFileSync(join(folder, "said"), "utf8"),
  },
};

test.skipIf(sshMissing).each(Object.keys(PLACES))("%s", async (keyword) => {
  const { lines, ssh, us } = PLACES[keyword]!;
  const [theirs, ours]: [string[], string[]] = [[], []];
  for (const token of TOKENS) {
    const file = join(folder, "config");
    // The first HostName counts: the one that is looked at replaces the usual one.
    const before = BEFORE.filter((line) => !line.startsWith(keyword));
    writeFileSync(file, `${[...before, ...lines(token)].join("\n")}\n`);
    writeFileSync(join(folder, "said"), "");
    theirs.push(`${token} ${ssh(file) ?? "error"}`);
    const target = await resolveTarget(
      { host: "there", sshConfigFile: file },
      { ...env, HOME: homedir(), USER: userInfo().username },
    ).catch(() => undefined);
    ours.push(`${token} ${(target && us(target)) ?? "error"}`);
  }
  expect(ours).toEqual(theirs);
});

test("tokens that only newer releases of ssh have", async () => {
  const file = join(folder, "newer");
  writeFileSync(file, "ProxyJump me@gate:23,two\nUserKnownHostsFile /k/%j-%C\n");
  const { knownHostsFiles } = await resolveTarget(
    { host: "h", sshConfigFile: file, user: "u" },
    env,
  );
  const hash = execFileSync("sh", ["-c", 'printf %s "$(hostname)h22utwo" | sha1sum'], {
    encoding: "utf8",
  });
  expect(knownHostsFiles[0]).toBe(`/k/two-${hash.split(" ")[0]}`);
});
