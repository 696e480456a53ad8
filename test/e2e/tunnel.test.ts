import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { servers, sshdMissing, startSshdServer, type TestServer } from "../support/servers.ts";
import { writeWheel } from "../support/wheel.ts";

const programsMissing =
  spawnSync("npm", ["--version"]).status !== 0 ||
  spawnSync("python3", ["-m", "pip", "--version"]).status !== 0;

// Uses a proxy as curl would, with nothing but bash.
const PROXY = `
proxy=\${http_proxy#http://}; user=\${proxy%@*}; proxy=\${proxy#*@}; user=\${ASUSER-$user}
exec 3<>/dev/tcp/\${proxy%:*}/\${proxy#*:}
login="Proxy-Authorization: Basic $(printf %s "$user" | base64 -w 0)"`;
const FETCH = `${PROXY}
printf 'GET %s HTTP/1.1\\r\\nHost: x\\r\\n%s\\r\\nConnection: close\\r\\n\\r\\n' "$1" "$login" >&3; cat <&3`;
const CONNECT = `${PROXY}
printf 'CONNECT %s HTTP/1.1\\r\\nHost: x\\r\\n%s\\r\\n\\r\\n' "$1" "$login" >&3
# Bash writes each line by itself: whatever follows a refusal would end it by a broken pipe.
IFS= read -r status <&3
printf '%s\\n' "$status"
[[ $status != *' 200 '* ]] || printf 'GET /inner HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3
cat <&3`;

/** More than a window of SSH and the buffers of the sockets on the way. */
const LARGE = randomBytes(14_000_000);

describe.each(servers)("a tunnel, on $name", ({ start, missing }) => {
  describe.skipIf(missing !== undefined)(missing ?? "with a server", () => {
    let server: TestServer;
    let web: Server;
    const readers = new EventEmitter();
    let address: string;
    let project: TestProject;

    beforeAll(async () => {
      server = await start();
      web = createServer((request, response) => {
        if (request.url !== "/large") return response.end(`answer to ${request.url}`);
        // The reader on the host starts after all data has been sent from this side.
        response.on("finish", () => readers.emit("begin"));
        return response.end(LARGE);
      });
      await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
      address = `127.0.0.1:${(web.address() as AddressInfo).port}`;
      project = new TestProject({
        "prod.cfg": "[buildout]\nparts =\n",
        "fetch.sh": FETCH,
        "connect.sh": CONNECT,
      });
      const lines = project.hostLines(server, { tunnel: "true", "tunnel-allow": address });
      const strict = project.hostLines(server, { tunnel: "true", "tunnel-allow": "127.0.0.1:1" });
      const plain = project.hostLines(server);
      project.write({
        "buildout.cfg": `[buildout]\nparts = host1 strict plain\n[host1]\n${lines}[strict]\n${strict}[plain]\n${plain}`,
      });
      expect((await project.buildout()).status).toBe(0);
      expect((await project.hostout("plain", "run", "mkdir -p app")).status).toBe(0);
      for (const file of ["fetch.sh", "connect.sh"]) {
        expect((await project.hostout("plain", "put", file)).status).toBe(0);
      }
    });

    afterAll(async () => {
      project?.remove();
      web?.close();
      await server?.close();
    });

    test("sends http and https of remote commands through this machine", async () => {
      const http = await project.hostout("host1", "run", "bash fetch.sh", `http://${address}/page`);
      expect(http.stdout).toContain("] out: HTTP/1.1 200 OK");
      expect(http.stdout).toContain("out: answer to /page");
      const https = await project.hostout("host1", "run", "bash connect.sh", address);
      expect(https.stdout).toContain("out: answer to /inner");
    });

    test("delivers a whole response to a slow reader", async () => {
      const script = `${PROXY}
printf 'GET http://${address}/large HTTP/1.1\\r\\nHost: x\\r\\n%s\\r\\nConnection: close\\r\\n\\r\\n' "$login" >&3
for i in $(seq 100); do [ -e begin ] && break; sleep 0.1; done; tail -c ${LARGE.length} <&3 | sha256sum`;
      writeFileSync(join(project.directory, "slow.sh"), script);
      expect((await project.hostout("plain", "put", "slow.sh")).status).toBe(0);
      writeFileSync(join(project.directory, "begin"), "");
      const begun = once(readers, "begin");
      const reading = project.startHostout("host1", "run", "bash slow.sh");
      // If the sockets on the way have smaller buffers, the reader starts by itself.
      await Promise.race([begun, reading.outcome]);
      expect((await project.hostout("plain", "put", "begin")).status).toBe(0);
      const { stdout } = await reading.outcome;
      expect(stdout).toContain(createHash("sha256").update(LARGE).digest("hex"));
    });

    test("listens only on the host's loopback, and is closed after the command", async () => {
      const { stdout } = await project.hostout("host1", "run", "echo $http_proxy $NO_PROXY");
      const [, port] =
        /out: http:\/\/[0-9a-f]{12}:\*\*\*@127\.0\.0\.1:(\d+) localhost/.exec(stdout) ?? [];
      expect(port).toBeDefined();
      expect(stdout).toContain('run: sh -c "cd ');
      const after = await project.hostout(
        "plain",
        "run",
        `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port} && echo open' || echo closed`,
      );
      expect(after.stdout).toContain("out: closed");
      expect(after.stdout).not.toContain("out: open");
    });

    test("refuses access without its password, which no list of processes shows", async () => {
      const wrong = await project.hostout(
        "host1",
        "run",
        `ASUSER=\${http_proxy%%:*}:x bash fetch.sh http://${address}/secret`,
      );
      expect(wrong.stdout).toContain("HTTP/1.1 407 ");
      expect(wrong.stdout).not.toContain("answer");
      const look = `p=\${http_proxy#*:*:}; p=\${p%@*}; printf '%s\\n' "$p" > password; echo \${#p}
ps axww -o args > processes; echo shown $(grep -c -F -f password processes)`;
      const { stdout } = await project.hostout("host1", "run", look);
      expect(stdout).toMatch(/out: 32\n.*out: shown 0\n/);
      const header = 'p=${http_proxy#*://}; printf %s "${p%@*}" | base64 -w0';
      expect((await project.hostout("host1", "run", header)).stdout).toContain("out: ***\n");
      for (const name of ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"]) {
        const same = `[ "$${name}" = "$http_proxy" ] && [ "$${name}" ] && echo same`;
        expect((await project.hostout("host1", "run", same)).stdout, name).toContain("out: same");
      }
    });

    test("does not reach this machine or its network, and says how to allow it", async () => {
      const port = address.split(":")[1];
      for (const script of [
        `bash fetch.sh http://${address}/page`,
        `bash connect.sh ${address}`,
        `bash connect.sh [::ffff:${address.replace(":", "]:")}`,
        `bash connect.sh localhost:${port}`,
        // Other spellings that the system accepts for 127.0.0.1.
        `bash connect.sh 2130706433:${port}`,
        `bash fetch.sh http://0177.0.0.1:${port}/page`,
        `bash connect.sh 0x7f.1:${port}`,
        `bash connect.sh [::1]:${port}`,
      ]) {
        const { stdout, stderr } = await project.hostout("strict", "run", script);
        expect(stdout, script).toContain("HTTP/1.1 403 ");
        expect(stdout, script).not.toContain("answer to");
        expect(stderr, script).toMatch(
          /Warning: .*The tunnel does not lead to .* is a loopback address on this side\. Add it to 'tunnel-allow' in \[strict\] to allow it\./,
        );
      }
    });

    test.skipIf(programsMissing)("npm and pip work through it", async () => {
      const files = join(project.scratch, "wheels");
      const wheel = writeWheel(files, "probe-dist", "1.2");
      const index = createServer(({ url = "" }, response) => {
        if (url.startsWith("/probe-package")) {
          const dist = { tarball: "http://127.0.0.2/none.tgz" };
          const versions = { "1.4.0": { name: "probe-package", version: "1.4.0", dist } };
          const tags = { latest: "1.4.0" };
          response.end(JSON.stringify({ name: "probe-package", "dist-tags": tags, versions }));
        } else if (url.endsWith(".whl")) response.end(readFileSync(wheel));
        else
          response
            .setHeader("Content-Type", "text/html")
            .end(`<a href="/${basename(wheel)}">${basename(wheel)}</a>`);
      });
      onTestFinished(() => void index.close());
      // Not one of the addresses that `no_proxy` names.
      const port = await new Promise<number>((resolve) =>
        index.listen(0, "127.0.0.2", () => resolve((index.address() as AddressInfo).port)),
      );
      const place = `http://127.0.0.2:${port}`;
      const options = { tunnel: "true", "tunnel-allow": `127.0.0.2:${port}` };
      const tools = project.hostLines(server, options);
      const strict = project.hostLines(server, { tunnel: "true" });
      project.write({
        "buildout.cfg": `[buildout]\nparts = tools shut plain\n[tools]\n${tools}[shut]\n${strict}[plain]\n${project.hostLines(server)}`,
      });
      expect((await project.buildout()).status).toBe(0);
      const npm = `npm view probe-package version --fetch-retries 0 --cache ./npm --registry ${place}/`;
      const pip = `python3 -m pip --isolated download -d got --no-deps --retries 0 --no-cache-dir --trusted-host 127.0.0.2 --index-url ${place}/simple probe-dist`;
      expect((await project.hostout("tools", "run", npm)).stdout).toContain("out: 1.4.0\n");
      const got = await project.hostout("tools", "run", pip);
      expect(got.stdout).toContain(`Saved ./got/${basename(wheel)}`);
      for (const command of [npm, pip]) {
        const { status, stderr } = await project.hostout("shut", "run", command);
        expect(status).not.toBe(0);
        expect(stderr).toContain("The tunnel does not lead to 127.0.0.2");
      }
    });

    test("without the option there is no proxy", async () => {
      const { stdout } = await project.hostout("plain", "run", "echo [$http_proxy]");
      expect(stdout).toContain("out: []");
    });
  });
});

test.skipIf(sshdMissing !== undefined)("a host that forbids it is reported", async () => {
  const server = await startSshdServer(["AllowTcpForwarding no"]);
  const project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  try {
    project.writeHost(server, { tunnel: "true" });
    await project.buildout();
    const { status, stderr } = await project.hostout("host1", "run", "true");
    expect(status).toBe(1);
    expect(stderr).toMatch(/Error: .* refused to listen for the tunnel/);
    expect(stderr).toContain("AllowTcpForwarding yes");
  } finally {
    project.remove();
    await server.close();
  }
});
