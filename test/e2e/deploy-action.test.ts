/** The GitHub action as started by GitHub's runner, on a host with only Node and npm. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { scratchFolder } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const ACTION = ".github/actions/deploy";
const MINUTES = 60_000;
/** Certificates that npm trusts here in addition to Node's own list, if needed. */
const AUTHORITIES = process.env.NODE_EXTRA_CA_CERTS || undefined;

interface Action {
  inputs: Record<string, { default?: string; required?: boolean }>;
  outputs: Record<string, { value: string }>;
  runs: { steps: { id: string; shell: string; env: Record<string, string>; run: string }[] };
}

const action = parse(readFileSync(join(root, ACTION, "action.yml"), "utf8")) as Action;

const CONFIGURATION = `[buildout]
parts = host1
[host1]
recipe = hostout
host = 127.0.0.1:PORT
user = USER
no-sudo = true
path = /home/USER/app
buildout = prod.cfg
`;
const PROD = `[buildout]
parts = page
[page]
recipe = collective.recipe.template
output = page.txt
inline = hello 1
`;

describe.skipIf(hostsMissing !== undefined)(`the deploy action ${hostsMissing ?? ""}`, () => {
  let host: BareHost;
  let scratch: string;

  beforeAll(async () => {
    host = await startBareHost({ network: "shared" });
    scratch = await scratchFolder();
    // Debian's sshd brings them along.
    host.run("rm -f /usr/bin/ssh /usr/bin/ssh-* /usr/bin/scp /usr/bin/sftp");
    installNode();
    cpSync(join(root, ACTION), join(host.root, "action"), { recursive: true });
    execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", scratch], {
      ...{ cwd: root, stdio: "ignore" },
    });
    const archive = readdirSync(scratch).find((name) => name.endsWith(".tgz"))!;
    cpSync(join(scratch, archive), join(host.root, "hostout.tgz"));
    for (const name of ["srv/shop", "runner"]) {
      mkdirSync(join(host.root, name), { recursive: true });
    }
    write("srv/shop/buildout.cfg", CONFIGURATION);
    write("srv/shop/prod.cfg", PROD);
  }, 15 * MINUTES);

  afterAll(async () => {
    await host?.close();
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  });

  /** Node and npm of this machine, in the places of a tarball. */
  function installNode(): void {
    const prefix = join(host.root, "usr/local");
    cpSync(process.execPath, join(prefix, "bin/node"));
    chmodSync(join(prefix, "bin/node"), 0o755);
    const npm = execFileSync("npm", ["root", "--global"], { encoding: "utf8" }).trim();
    cpSync(join(npm, "npm"), join(prefix, "lib/node_modules/npm"), { recursive: true });
    host.run("ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm");
    host.run("chmod -R go+rX /usr/local");
    if (AUTHORITIES !== undefined) cpSync(AUTHORITIES, join(host.root, "authorities.pem"));
  }

  function write(path: string, text: string): void {
    const plain = text.replaceAll("PORT", String(host.port)).replaceAll("USER", host.user);
    writeFileSync(join(host.root, path), plain);
  }

  const NPM = {
    npm_config_registry: execFileSync("npm", ["config", "get", "registry"], {
      encoding: "utf8",
    }).trim(),
    // Unreachable hosts fail soon.
    npm_config_fetch_retries: "1",
    ...(AUTHORITIES !== undefined && { NODE_EXTRA_CA_CERTS: "/authorities.pem" }),
  };

  /** Runs the step of the action with these inputs; its files of results are new. */
  function run(given: Record<string, string>) {
    const key = readFileSync(host.key, "utf8");
    const knownHosts = readFileSync(host.knownHosts, "utf8");
    const inputs: Record<string, string> = {
      ...Object.fromEntries(
        Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? ""]),
      ),
      ...{ hosts: "host1", key, "known-hosts": knownHosts, package: "/hostout.tgz" },
      ...given,
    };
    const [step] = action.runs.steps;
    const variables = {
      ...Object.fromEntries(
        Object.entries(step!.env).map(([name, text]) => [
          name,
          text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/, (_, input: string) => inputs[input]!),
        ]),
      ),
      GITHUB_ACTION_PATH: "/action",
      GITHUB_OUTPUT: "/runner/output",
      GITHUB_STEP_SUMMARY: "/runner/summary",
      RUNNER_TEMP: "/runner",
      ...NPM,
      HOME: "/root",
    };
    for (const name of ["output", "summary"]) writeFileSync(join(host.root, "runner", name), "");
    const quoted = Object.entries(variables)
      .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
      .join("\n");
    const result = host.attempt(`cd /srv/shop\n${quoted}\n${step!.run}`);
    const left = readdirSync(join(host.root, "runner")).sort();
    const read = (name: string) => readFileSync(join(host.root, "runner", name), "utf8");
    return { ...result, left, output: read("output"), summary: read("summary") };
  }

  const page = () => join(host.root, "home", host.user, "app/page.txt");

  test("shows a plan as output and summary, and changes nothing", { timeout: 10 * MINUTES }, () => {
    for (const program of ["python3", "git", "ssh", "curl"]) {
      expect(host.attempt(`command -v ${program}`).status, program).not.toBe(0);
    }
    const { status, stdout, stderr, output, summary } = run({ command: "plan" });
    expect(status, stdout + stderr).toBe(0);
    expect(summary).toContain("host1");
    expect(summary).toContain("page");
    expect(output).toMatch(/^changes=true\nplan<<(\S+)\n[\s\S]*\n\1\n$/);
    expect(output).toContain(summary);
    expect(existsSync(page())).toBe(false);
    // The project's own copy is used instead, which takes npm no time.
    const settings = Object.entries(NPM).map(([name, value]) => `${name}=${value}`);
    host.run(
      `cd /srv/shop && ${settings.join(" ")} npm install --silent --no-audit --no-fund /hostout.tgz`,
    );
  });

  test("deploys, and leaves neither key nor known hosts", { timeout: 10 * MINUTES }, () => {
    const { status, stdout, stderr, left } = run({ "lock-wait": "60" });
    expect(status, stdout + stderr).toBe(0);
    expect(readFileSync(page(), "utf8")).toBe("hello 1");
    expect(left).toEqual(["output", "summary"]);
    expect(existsSync(join(host.root, "root/.ssh"))).toBe(false);
    expect(run({ command: "plan" }).output).toMatch(/^changes=false\n/);
    expect(run({ command: "run cat page.txt" }).stdout).toContain("hello 1");
  });

  test("takes a key that was pasted with other line ends", { timeout: 10 * MINUTES }, () => {
    const key = readFileSync(host.key, "utf8").trimEnd().replaceAll("\n", "\r\n");
    const { status, stdout, stderr } = run({ command: "run true", key });
    expect(status, stdout + stderr).toBe(0);
  });

  test("passes failures on, and asks nobody", { timeout: 10 * MINUTES }, () => {
    expect(run({ command: "run exit 7" }).status).toBe(7);
    const unknown = run({ command: "plan", "known-hosts": "example.com ssh-ed25519 AAAA" });
    expect([unknown.status, unknown.output]).toEqual([1, ""]);
    expect(unknown.stderr).toContain("host key");
    const misspelled = run({ command: "plan", hosts: "host7" });
    expect([misspelled.status, misspelled.output]).toEqual([2, ""]);
    const empty = run({ key: "" });
    expect(empty.status).toBe(2);
    expect(empty.stdout).toContain("::error::The inputs 'key' and 'known-hosts' are empty");
  });
});
