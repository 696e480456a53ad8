import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { servers, sshdMissing, startSshdServer, type TestServer } from "../support/servers.ts";

// Speaks to a proxy as curl would, with nothing but bash.
const FETCH = `
proxy=\${http_proxy#http://}; exec 3<>/dev/tcp/\${proxy%:*}/\${proxy#*:}
printf 'GET %s HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' "$1" >&3; cat <&3`;
const CONNECT = `
proxy=\${https_proxy#http://}; exec 3<>/dev/tcp/\${proxy%:*}/\${proxy#*:}
printf 'CONNECT %s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nGET /inner HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' "$1" >&3; cat <&3`;

describe.each(servers)("a tunnel, on $name", ({ start, missing }) => {
  describe.skipIf(missing !== undefined)(missing ?? "with a server", () => {
    let server: TestServer;
    let web: Server;
    let address: string;
    let project: TestProject;

    beforeAll(async () => {
      server = await start();
      web = createServer((request, response) => response.end(`answer to ${request.url}`));
      await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
      address = `127.0.0.1:${(web.address() as AddressInfo).port}`;
      project = new TestProject({
        "prod.cfg": "[buildout]\nparts =\n",
        "fetch.sh": FETCH,
        "connect.sh": CONNECT,
      });
      const lines = project.hostLines(server, { tunnel: "true" });
      const plain = project.hostLines(server);
      project.write({
        "buildout.cfg": `[buildout]\nparts = host1 plain\n[host1]\n${lines}[plain]\n${plain}`,
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

    test("leads http and https of remote commands through this machine", async () => {
      const http = await project.hostout("host1", "run", "bash fetch.sh", `http://${address}/page`);
      expect(http.stdout).toContain("] out: HTTP/1.1 200 OK");
      expect(http.stdout).toContain("out: answer to /page");
      const https = await project.hostout("host1", "run", "bash connect.sh", address);
      expect(https.stdout).toContain("out: answer to /inner");
    });

    test("is on the host's loopback alone, not shown, and gone after the command", async () => {
      const { stdout } = await project.hostout("host1", "run", "echo $http_proxy $no_proxy");
      const [, url = "", port] = /out: (http:\/\/127\.0\.0\.1:(\d+)) localhost/.exec(stdout) ?? [];
      expect(url).not.toBe("");
      expect(stdout).toContain('run: sh -c "cd ');
      expect(stdout).not.toContain("export");
      const after = await project.hostout(
        "plain",
        "run",
        `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port} && echo open' || echo closed`,
      );
      expect(after.stdout).toContain("out: closed");
      expect(after.stdout).not.toContain("out: open");
    });

    test("without the option there is no proxy", async () => {
      const { stdout } = await project.hostout("plain", "run", "echo [$http_proxy]");
      expect(stdout).toContain("out: []");
    });
  });
});

test.skipIf(sshdMissing !== undefined)("a host that forbids it is told so", async () => {
  const server = await startSshdServer(["AllowTcpForwarding no"]);
  const project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  try {
    const lines = project.hostLines(server, { tunnel: "true" });
    project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
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
