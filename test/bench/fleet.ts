import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { TestProject } from "../support/deploy-project.ts";
import { startSshdServer, type TestServer } from "../support/servers.ts";

/** Parts on one sshd, each with a path of its own. */
const HOSTS = Number(process.env.HOSTOUT_BENCH_HOSTS ?? 1000);
/** Hosts at the same time, ours and Ansible's. */
const POOL = 64;
const MEGABYTE = 1e6;
const GIGABYTE = 1e9;
/** Bytes of a line of much output, its end included. */
const LINE = 100;

/** The resources used by a process. */
interface Cost {
  seconds: number;
  /** Seconds of processor time, its children included. */
  cpu: number;
  /** Megabytes of its largest process. */
  memory: number;
  status: number;
  stdout: string;
}

/** Runs a program from Python, which measures what its children used. */
const MEASURED = `import json, resource, subprocess, sys, time
began = time.monotonic()
status = subprocess.call(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as out:
    json.dump({"seconds": time.monotonic() - began, "cpu": used.ru_utime + used.ru_stime,
               "memory": used.ru_maxrss * 1024 / 1e6, "status": status}, out)
`;

/** The name of these rows in `npm run bench`. */
export const FLEET_PARTS = {
  "run-many": (fleet: Fleet) => fleet.commands(),
  "deploy-many": (fleet: Fleet) => fleet.deployments(),
  "bad-hosts": (fleet: Fleet) => fleet.badHosts(),
  "much-output": (fleet: Fleet) => fleet.output(),
  "many-files": (fleet: Fleet) => fleet.files(),
};

/** Many parallel hosts, and much input and output of one host. */
export async function benchFleet(name: keyof typeof FLEET_PARTS): Promise<string[][]> {
  const server = await startSshdServer(
    ["MaxStartups 2000"],
    'mkdir "$1/full"; mount -t tmpfs -o size=64k,mode=777 none "$1/full"',
  );
  const project = new TestProject({
    "prod.cfg":
      "[buildout]\nparts = site\n[site]\nrecipe = collective.recipe.template\ninput = inline:\n    port = 8080\noutput = ${buildout:directory}/site.conf\n",
  });
  try {
    return await FLEET_PARTS[name](new Fleet(project, server));
  } finally {
    project.remove();
    await server.close();
  }
}

class Fleet {
  readonly #project: TestProject;
  readonly #server: TestServer;

  constructor(project: TestProject, server: TestServer) {
    this.#project = project;
    this.#server = server;
  }

  /** `run true` on all, compared with Ansible's raw module. */
  async commands(): Promise<string[][]> {
    this.#bePatient();
    const names = await this.#parts(HOSTS);
    const ours = await this.#hostout("-q", "-P", `${POOL}`, "all", "run", "true");
    expectDone(ours, "run true");
    const what = `\`run true\` on ${HOSTS} hosts, ${POOL} at a time`;
    const costs = `${((ours.cpu / HOSTS) * 1000).toFixed(0)} ms of CPU for each host, ${ours.memory.toFixed(0)} MB`;
    const goal = "3 times as fast, 30 ms, 500 MB";
    const theirs = await this.#ansible(names);
    if (theirs === undefined) return [[what, seconds(ours), "`ansible` is not here", costs, goal]];
    const ratio = `ratio ${(theirs.seconds / ours.seconds).toFixed(1)}; ${costs}`;
    return [[what, seconds(ours), `\`ansible -m raw\`: ${seconds(theirs)}`, ratio, goal]];
  }

  /** A small buildout on all, first and unchanged. */
  async deployments(): Promise<string[][]> {
    this.#bePatient();
    await this.#parts(HOSTS);
    const rows: string[][] = [];
    for (const what of ["First deployment of", "Unchanged redeployment of"]) {
      const cost = await this.#hostout("-q", "-P", `${POOL}`, "all", "deploy");
      expectDone(cost, what);
      const each = `${((cost.cpu / HOSTS) * 1000).toFixed(0)} ms of CPU for each host, ${cost.memory.toFixed(0)} MB`;
      rows.push([`${what} a small buildout, ${HOSTS} hosts`, seconds(cost), "", each, "500 MB"]);
    }
    return rows;
  }

  /** Among 200 hosts, one never responds, one refuses, one has a full disk, one has another key. */
  async badHosts(): Promise<string[][]> {
    const silent = await listening();
    const refused = await listening();
    refused.close();
    const keys = join(this.#project.scratch, "other_hosts");
    const other = execFileSync("ssh-keygen", ["-y", "-f", this.#server.key], { encoding: "utf8" });
    const key = other.split(" ").slice(0, 2).join(" ");
    writeFileSync(keys, `[${this.#server.host}]:${this.#server.port} ${key}\n`);
    await this.#parts(200, {
      host7: { host: `127.0.0.1:${silent.port}` },
      host77: { host: `127.0.0.1:${refused.port}` },
      host177: { path: fullDisk(this.#server) },
      host200: { "known-hosts": keys },
    });
    try {
      const cost = await this.#hostout("-P", `${POOL}`, "all", "run", "cp /bin/sh .");
      const summary = cost.stdout.split("\n").find((line) => /^\d+ of 200 hosts/.test(line));
      if (!summary?.startsWith("196 ")) throw new Error(cost.stdout);
      return [
        ["A command on 200 hosts, of which four are bad", seconds(cost), "", summary, "196 done"],
      ];
    } finally {
      silent.close();
    }
  }

  /** 1 GB from one host, 100 MB from each of ten, in numbered lines, which must all arrive in order. */
  async output(): Promise<string[][]> {
    const rows: string[][] = [];
    for (const [count, bytes] of [
      [1, GIGABYTE],
      [10, 100 * MEGABYTE],
    ] as const) {
      const names = await this.#parts(count);
      const lines = bytes / LINE;
      const command = `awk 'BEGIN {for (i = 1; i <= ${lines}; i++) printf "%0${LINE - 1}d\\n", i}'`;
      const words = ["bin/hostout", "-P", `${POOL}`, ...names, "run", command];
      const last = new Map<string, number>();
      const cost = await this.#measured([process.execPath, ...words], {}, (line) => {
        const [, host, number] = /^\[([^\]]+)\] out: (\d+)$/.exec(line) ?? [];
        if (host === undefined) return;
        if (Number(number) !== (last.get(host) ?? 0) + 1) throw new Error(`${host}: ${number}`);
        last.set(host, Number(number));
      });
      expectDone(cost, "run");
      const counts = [...last.values()];
      if (counts.length !== count || counts.some((one) => one !== lines)) {
        throw new Error(`These lines came, of ${lines}: ${JSON.stringify([...last])}`);
      }
      const each = `${lines * count} lines, each in its place; ${cost.memory.toFixed(0)} MB of memory`;
      rows.push([`${bytes / MEGABYTE} MB of output from ${count}`, seconds(cost), "", each, ""]);
    }
    return rows;
  }

  /** 20,000 files to deploy, and a sparse file of 2 GB to put. */
  async files(): Promise<string[][]> {
    const { directory } = this.#project;
    for (let index = 0; index < 20_000; index++) {
      const folder = join(directory, "many", `d${index % 200}`);
      if (index < 200) mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `f${index}`), `${index}\n`.repeat(100));
    }
    const sparse = join(this.#project.scratch, "sparse");
    writeFileSync(sparse, "");
    truncateSync(sparse, 2 * GIGABYTE);
    await this.#parts(1, { host1: { include: "many" } });
    const rows: string[][] = [];
    for (const [what, words] of [
      ["First deployment of 20,000 files", ["deploy"]],
      ["Unchanged redeployment of 20,000 files", ["deploy"]],
      ["A sparse file of 2 GB by `put`", ["put", sparse]],
    ] as const) {
      const cost = await this.#hostout("-q", "host1", ...words);
      expectDone(cost, what);
      rows.push([what, seconds(cost), "", `${cost.memory.toFixed(0)} MB of memory`, ""]);
    }
    return rows;
  }

  /** If this machine is busy, its sshd may take longer for many parallel handshakes than allowed. */
  #bePatient(): void {
    this.#project.write({ "../ssh_config": "ConnectTimeout 600\n" });
  }

  /** Makes `count` parts; returns their names. */
  async #parts(
    count: number,
    special: Record<string, Record<string, string>> = {},
  ): Promise<string[]> {
    const names = Array.from({ length: count }, (_, index) => `host${index + 1}`);
    const lines = names.map((name) => {
      const path = join(this.#server.home, "hosts", name);
      return `[${name}]\n${this.#project.hostLines(this.#server, { path, ...special[name] })}`;
    });
    this.#project.write({
      "buildout.cfg": `[buildout]\nparts = ${names.join(" ")}\n${lines.join("")}`,
    });
    const { status, stderr } = await this.#project.buildout();
    if (status !== 0) throw new Error(stderr);
    return names;
  }

  #hostout(...words: string[]): Promise<Cost> {
    return this.#measured([process.execPath, "bin/hostout", ...words]);
  }

  /** The same command with Ansible; undefined if that is not installed. */
  async #ansible(names: readonly string[]): Promise<Cost | undefined> {
    try {
      execFileSync("ansible", ["--version"]);
    } catch {
      return undefined;
    }
    const { host, port, user, key } = this.#server;
    const inventory = join(this.#project.scratch, "inventory");
    const known = join(this.#project.scratch, "known_hosts");
    const common = `ansible_host=${host} ansible_port=${port} ansible_user=${user} ansible_ssh_private_key_file=${key}`;
    // Aliases of one address would share one connection.
    const args = `ansible_ssh_args="-F none -o ControlMaster=no -o UserKnownHostsFile=${known}"`;
    writeFileSync(inventory, names.map((name) => `${name} ${common} ${args}\n`).join(""));
    const cost = await this.#measured(
      ["ansible", "all", "-i", inventory, "-f", `${POOL}`, "-m", "raw", "-a", "true"],
      { ANSIBLE_HOST_KEY_CHECKING: "True", ANSIBLE_LOCALHOST_WARNING: "False" },
    );
    expectDone(cost, "ansible");
    return cost;
  }

  async #measured(
    words: readonly string[],
    env: Record<string, string> = {},
    onLine?: (line: string) => void,
  ): Promise<Cost> {
    const file = join(this.#project.scratch, "cost.json");
    const child = spawn("python3", ["-c", MEASURED, file, ...words], {
      cwd: this.#project.directory,
      env: { PATH: process.env.PATH, HOME: this.#project.scratch, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    let rest = "";
    const ended = new Promise((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    for await (const text of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
      // If there is much output, its end shows the result.
      stdout = `${stdout}${text}`.slice(-20_000);
      if (onLine === undefined) continue;
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop()!;
      lines.forEach(onLine);
    }
    await ended;
    return { ...JSON.parse(readFileSync(file, "utf8")), stdout };
  }
}

/** A server that never sends anything. */
async function listening(): Promise<{ port: number; close(): void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

/** A directory of the server on a disk that has room for next to nothing. */
const fullDisk = ({ key }: TestServer) => join(dirname(key), "full");

function expectDone({ status, stdout }: Cost, what: string): void {
  // The end of its output: standard error, with the summary of -q, has been printed already.
  if (status !== 0) throw new Error(`${what} ended with ${status}: ${stdout.slice(-2000)}`);
}

const seconds = ({ seconds: value }: Cost) => `${value.toFixed(1)} s`;
