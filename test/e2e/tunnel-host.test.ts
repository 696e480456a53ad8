import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { eventually } from "../support/servers.ts";

/** Asks the proxy in $1, with the user and password there, for a connection to $2. */
const CONNECT = `#!/bin/bash
proxy=\${1#http://}; user=\${proxy%@*}; proxy=\${proxy#*@}
exec 3<>"/dev/tcp/\${proxy%:*}/\${proxy#*:}" || exit
printf 'CONNECT %s HTTP/1.1\\r\\nHost: x\\r\\nProxy-Authorization: Basic %s\\r\\n\\r\\n' \\
  "$2" "$(printf %s "$user" | base64 -w 0)" >&3
# Bash writes each line by itself: whatever follows a refusal would end it by a broken pipe.
IFS= read -r status <&3
printf '%s\\n' "$status"
[[ $status != *' 200 '* ]] || printf 'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3
cat <&3
`;

describe.skipIf(hostsMissing)(`the tunnel of a host with other users ${hostsMissing ?? ""}`, () => {
  let host: BareHost;
  let project: TestProject;
  let web: Server;
  /** An address of this machine that the host reaches through the tunnel alone, and its port. */
  let here: string;
  let port: number;

  beforeAll(async () => {
    host = await startBareHost({ network: "own", sudo: "nopasswd" });
    host.run("useradd -m -s /bin/bash mallory");
    host.run("cat > /usr/local/bin/connect; chmod 755 /usr/local/bin/connect", CONNECT);
    // The host's neighbor on a cable of their own.
    const numbers = host.host.split(".").map(Number);
    here = [...numbers.slice(0, 3), numbers[3]! - 1].join(".");
    web = createServer((_, response) => response.end("secret of this side\n"));
    port = await new Promise<number>((resolve) =>
      web.listen(0, "0.0.0.0", () => resolve((web.address() as AddressInfo).port)),
    );
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
    const part = (name: string, options: Record<string, string>) =>
      `[${name}]\n${project.hostLines(host, { "no-sudo": "", tunnel: "true", path: "/home/admin", ...options })}`;
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1 open\n${part("host1", {})}${part("open", { "tunnel-allow": `${here}:${port}` })}`,
    });
    expect((await project.buildout()).stderr).toBe("");
  });
  afterAll(async () => {
    project?.remove();
    web?.close();
    await host?.close();
  });

  /** The output of a command of another user, whatever its status. */
  const mallory = (command: string) =>
    host.attempt(`cd /; su mallory -s /bin/bash -c "$(cat)"`, command).stdout;

  test.each(["run", "sudo"])("gives them no access while '%s' uses it", async (command) => {
    host.run("rm -f /home/admin/go /home/admin/proxy; touch /tmp/began");
    // The command itself keeps the URL where only its own user and root can read it.
    const script = `umask 077; echo "$http_proxy" > proxy.part; mv proxy.part proxy
until [ -e go ]; do sleep 0.1; done; connect "$http_proxy" ${here}:${port}`;
    const running = project.startHostout("open", command, script);
    let url = "";
    await eventually(async () => {
      url = readFileSync(`${host.root}/home/admin/proxy`, "utf8").trim();
    });
    const [, password = "", address = ""] = /^http:\/\/\w+:(.{32})@(.*)$/.exec(url) ?? [];
    expect(password).not.toBe("");
    try {
      // Neither without a password nor with a wrong one.
      for (const guess of ["x:y", `${url.slice(7).split(":")[0]}:`]) {
        const answer = mallory(`connect http://${guess}@${address} ${here}:${port}`);
        expect(answer).toContain("407");
        expect(answer).not.toContain("secret of this side");
      }
      // Neither in the list of processes nor in their environments, nor in a file made since.
      const seen =
        mallory(`for file in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do cat $file; done
find / -xdev -type f -newer /tmp/began -exec cat {} +`);
      expect(seen).toContain("until [ -e go ]");
      expect(seen).not.toContain(password);
      expect(mallory("cat /home/admin/proxy")).toBe("");
    } finally {
      host.run("touch /home/admin/go");
    }
    const { stdout, status } = await running.outcome;
    expect(status).toBe(0);
    expect(stdout).toContain("secret of this side");
    expect(stdout).not.toContain(password);
    expect(mallory(`connect ${url} ${here}:${port}`)).toBe("");
  });

  test("does not reach addresses that only the deploying machine can reach, unless allowed", async () => {
    const targets = [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
      `${here}:${port}`,
      `0.0.0.0:${port}`,
      "169.254.169.254:80",
      "[fe80::1]:80",
      "10.0.0.1:80",
      "172.16.0.1:80",
      "192.168.1.1:80",
      "[fd00::1]:80",
    ];
    const script = `for target in ${targets.join(" ")}; do echo "$target: $(connect "$http_proxy" "$target" | head -n 1)"; done`;
    const closed = await project.hostout("host1", "run", script);
    for (const target of targets) expect(closed.stdout).toContain(`${target}: HTTP/1.1 403`);
    expect(closed.stdout).not.toContain("secret of this side");
    const open = await project.hostout("open", "run", script);
    for (const target of targets) {
      const status = target === `${here}:${port}` ? "200" : "403";
      expect(open.stdout).toContain(`${target}: HTTP/1.1 ${status}`);
    }
  });
});
