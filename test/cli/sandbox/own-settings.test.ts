import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ownSettings } from "../../../src/cli/sandbox/own-settings.ts";
import { connect } from "../../../src/ssh/connect.ts";
import { startSandbox } from "../../../src/ssh/sandbox/sandbox.ts";
import { nobody } from "../../support/servers.ts";

function folders() {
  const scratch = mkdtempSync(join(tmpdir(), "hostout-settings-"));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  const [home, root] = [join(scratch, "home"), join(scratch, "root")];
  for (const folder of [home, root]) mkdirSync(folder);
  writeFileSync(join(home, ".npmrc"), "registry = https://npm.example.com/\n");
  return { scratch, home, root };
}

test("npm's and pip's files, certificates and proxies are passed on, and nothing else", () => {
  const { home, root } = folders();
  const passed = {
    npm_config_registry: "https://npm.example.com/",
    "npm_config_//npm.example.com/:_authToken": "t",
    NODE_EXTRA_CA_CERTS: "/ca.pem",
    SSL_CERT_FILE: "/ca.pem",
    https_proxy: "http://proxy:3128",
    PIP_INDEX_URL: "https://pypi.example.com/simple",
  };
  const kept = { npm_config_local_prefix: "/here", npm_lifecycle_event: "npx", SECRET: "s" };
  expect(ownSettings({ ...passed, ...kept }, home, root)).toEqual({
    ...passed,
    npm_config_userconfig: join(home, ".npmrc"),
  });
});

test("a sandbox that has settings of its own keeps them", () => {
  const { home, root } = folders();
  writeFileSync(join(root, ".npmrc"), "");
  expect(ownSettings({}, home, root)).toEqual({});
});

test("commands of a sandbox have them", async () => {
  const { scratch, home, root } = folders();
  const settings = ownSettings({ NODE_EXTRA_CA_CERTS: "/ca.pem", HOME: "/elsewhere" }, home, root);
  const sandbox = await startSandbox({ root, settings, user: "me", password: "p" });
  const { host, port } = sandbox;
  const known = join(scratch, "known_hosts");
  const connection = await connect(
    { host, port, user: "me", password: "p", acceptNew: true, knownHostsFile: known },
    nobody(scratch),
  );
  onTestFinished(async () => {
    await connection.close();
    await sandbox.close();
  });
  const { stdout } = await connection.exec(
    'echo "$npm_config_userconfig $NODE_EXTRA_CA_CERTS $HOME"',
  );
  expect(stdout).toBe(`${home}/.npmrc /ca.pem ${sandbox.root}\n`);
});
