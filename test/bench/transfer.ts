import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TestProject } from "../support/deploy-project.ts";
import { startSshdServer, type TestServer } from "../support/servers.ts";
import { alternate, median, ms, ratioRow, run } from "./measure.ts";

const FILES = 5000;
const BYTES = 3600;
const ROUNDS = 9;
/** Milliseconds of a way there and back. */
const DISTANCES = [50, 200];
/** Bytes of the one file. */
const LARGE = 2 ** 28;

/** 5,000 files, 18 MB, and one of 256 MiB, compared with other programs and the same sshd. */
export async function benchTransfer(): Promise<string[][]> {
  const server = await startSshdServer();
  const bench = new Bench(server);
  try {
    makeFiles(join(bench.project.directory, "files"));
    return [
      ...(await bench.first()),
      ...(await bench.again()),
      ...(await bench.far()),
      ...(await bench.large()),
    ];
  } finally {
    bench.project.remove();
    await server.close();
  }
}

class Bench {
  readonly project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  readonly #server: TestServer;
  #folders = 0;

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** Into a new directory for each round: after a removal, new files were created slowly. */
  async first(): Promise<string[][]> {
    const times: Record<"very" | "deploy" | "files" | "rsync", number[]> = {
      ...{ very: [], deploy: [], files: [], rsync: [] },
    };
    for (let round = 0; round < ROUNDS; round++) {
      await this.#useFolder();
      const one = alternate({ very: () => this.#hostout("deploy"), rsync: this.#rsync() }, 1);
      await this.#useFolder();
      this.#hostout("bootstrap_buildout");
      const two = alternate({ deploy: () => this.#hostout("deploy") }, 1);
      await this.#useFolder();
      this.#hostout("bootstrap_buildout");
      const three = alternate({ files: () => this.#hostout("uploadbuildout") }, 1);
      for (const [name, time] of Object.entries({ ...one, ...two, ...three })) {
        times[name as keyof typeof times].push(time);
      }
    }
    const beside = { name: "`rsync -a`", time: median(times.rsync) };
    await this.#useFolder();
    const trips = this.#tripsOfDeployment();
    const what = "of 5,000 files, 18 MB";
    return [
      ratioRow(
        `The very first \`deploy\` ${what}, with Node there`,
        median(times.very),
        beside,
        0.9,
        [trips],
      ),
      ratioRow(
        `First \`deploy\` ${what}, with the engine there`,
        median(times.deploy),
        beside,
        0.9,
      ),
      ratioRow("Its files alone (`uploadbuildout`)", median(times.files), beside, 0.9),
    ];
  }

  async again(): Promise<string[][]> {
    await this.#useFolder();
    this.#hostout("deploy");
    const rsync = this.#rsync();
    rsync();
    const same = alternate(
      {
        deploy: () => this.#hostout("deploy"),
        files: () => this.#hostout("uploadbuildout"),
        rsync,
        login: () => this.#ssh("true"),
      },
      2 * ROUNDS,
    );
    const trips = this.#tripsOfDeployment();
    const one = this.#oneChanged(rsync, ROUNDS);
    const beside = { name: "`rsync -a`", time: same.rsync! };
    const login = `\`ssh HOST true\`: ${ms(same.login!)}`;
    return [
      ratioRow("Unchanged `deploy` of the same", same.deploy!, beside, 1, [trips, login]),
      ratioRow("Its files alone (`uploadbuildout`)", same.files!, beside, 0.6),
      ratioRow("One changed file of 5,000", one.deploy, { ...beside, time: one.rsync }, 1),
    ];
  }

  /** An unchanged deployment and one changed file over a slow line. */
  async far(): Promise<string[][]> {
    const rows: string[][] = [];
    for (const distance of DISTANCES) {
      const line = await slowLine(this.#server.port, distance / 2);
      try {
        await this.#useFolder(line.port);
        this.#hostout("deploy");
        const rsync = this.#rsync(line.port);
        rsync();
        const same = alternate({ deploy: () => this.#hostout("deploy"), rsync }, ROUNDS);
        const one = this.#oneChanged(rsync, ROUNDS);
        const name = "`rsync -a`";
        const where = `, ${distance} ms away`;
        rows.push(
          ratioRow(`Unchanged \`deploy\`${where}`, same.deploy!, { name, time: same.rsync! }, 0.7),
          ratioRow(`One changed file${where}`, one.deploy, { name, time: one.rsync }, 0.7),
        );
      } finally {
        line.program.kill();
        await once(line.program, "exit");
      }
    }
    return rows;
  }

  /** One file with `put` and `get`, compared with the fastest other program. */
  async large(): Promise<string[][]> {
    await this.#useFolder();
    const { directory } = this.project;
    const file = join(directory, "large");
    writeFileSync(file, randomBytes(LARGE));
    const there = join(this.#server.home, "large");
    const back = join(directory, "back");
    const { user, host } = this.#server;
    const options = ["-P", String(this.#server.port), ...this.#sshOptions()];
    const address = `${user}@${host}:${there}`;
    const inDirectory = { cwd: directory, env: this.#env };
    const sftp = (line: string) =>
      run(
        "sh",
        ["-c", `echo "$0" | sftp -q -b - "$@"`, line, ...options, `${user}@${host}`],
        inDirectory,
      );
    const up = alternate(
      {
        ours: () => this.#hostout("put", file, there),
        scp: () => run("scp", ["-q", ...options, file, address], inDirectory),
        sftp: () => sftp(`put ${file} ${there}`),
        pipe: () =>
          run("sh", ["-c", `${this.#sshCommand()} 'cat > "${there}"' < "${file}"`], inDirectory),
      },
      ROUNDS,
    );
    const down = alternate(
      {
        ours: () => this.#hostout("get", there, back),
        scp: () => run("scp", ["-q", ...options, address, back], inDirectory),
        sftp: () => sftp(`get ${there} ${back}`),
        pipe: () =>
          run("sh", ["-c", `${this.#sshCommand()} 'cat "${there}"' > "${back}"`], inDirectory),
      },
      ROUNDS,
    );
    for (const made of [file, back, there]) rmSync(made, { force: true });
    return [
      ratioRow("`put` of a file of 256 MiB", up.ours!, fastest(up), 1),
      ratioRow("`get` of the same", down.ours!, fastest(down), 1),
    ];
  }

  #tripsOfDeployment(): string {
    const events = this.#hostout("--json", "deploy").trim().split("\n");
    const closed = events.map((line) => JSON.parse(line)).find(({ type }) => type === "closed");
    return `${closed.roundTrips} round trips`;
  }

  /** Medians of deployments, and of rsync, in turn, a file changed before each. */
  #oneChanged(rsync: () => void, rounds: number): { deploy: number; rsync: number } {
    const times: { deploy: number[]; rsync: number[] } = { deploy: [], rsync: [] };
    for (let round = 0; round < rounds; round++) {
      appendFileSync(join(this.project.directory, "files/d1/f1.txt"), `${round}\n`);
      const { deploy, theirs } = alternate(
        { deploy: () => this.#hostout("deploy"), theirs: rsync },
        1,
      );
      times.deploy.push(deploy!);
      times.rsync.push(theirs!);
    }
    return { deploy: median(times.deploy), rsync: median(times.rsync) };
  }

  async #useFolder(port = this.#server.port): Promise<void> {
    this.#folders += 1;
    const path = join(this.#server.home, `ours${this.#folders}`, "app");
    const lines = this.project.hostLines({ ...this.#server, port }, { include: "files", path });
    this.project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
    const built = await this.project.buildout();
    if (built.status !== 0) throw new Error(built.stderr);
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, HOME: this.project.scratch };
  }

  #hostout(...words: string[]): string {
    const at = words[0]?.startsWith("-") ? 1 : 0;
    const args = ["bin/hostout", ...words.slice(0, at), "host1", ...words.slice(at)];
    return run(process.execPath, args, { cwd: this.project.directory, env: this.#env });
  }

  #sshOptions(): string[] {
    const known = join(this.project.scratch, "known_hosts_ssh");
    return [
      ...["-F", "none", "-i", this.#server.key, "-o", `UserKnownHostsFile=${known}`],
      ...["-o", "StrictHostKeyChecking=accept-new"],
    ];
  }

  #sshCommand(port = this.#server.port): string {
    return `ssh -p ${port} ${this.#sshOptions().join(" ")} ${this.#server.user}@${this.#server.host}`;
  }

  #ssh(command: string): void {
    run("sh", ["-c", `${this.#sshCommand()} "$0"`, command], { env: this.#env });
  }

  /** Uploads the files to a directory that is new for each call. */
  #rsync(port = this.#server.port): () => void {
    const { host } = this.#server;
    const shell = this.#sshCommand(port).replace(` ${this.#server.user}@${host}`, "");
    const folder = join(this.#server.home, `theirs${this.#folders}`);
    const target = `${this.#server.user}@${host}:${folder}/`;
    return () =>
      void run("rsync", ["-a", "-e", shell, "files", target], {
        cwd: this.project.directory,
        env: this.#env,
      });
  }
}

function fastest({ ours: _, ...others }: Record<string, number>): { name: string; time: number } {
  const [[name, time]] = Object.entries(others).sort(([, one], [, other]) => one - other) as [
    [string, number],
  ];
  return { name: { scp: "`scp`", sftp: "`sftp`", pipe: "`ssh`, a pipe" }[name] ?? name, time };
}

/** A way to `port` on which everything arrives `delay` milliseconds later. */
async function slowLine(
  port: number,
  delay: number,
): Promise<{ port: number; program: ChildProcess }> {
  const script = fileURLToPath(new URL("slow-line.mjs", import.meta.url));
  const program = spawn(process.execPath, [script, String(port), String(delay)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(program.stdout!, "data")) as [Buffer];
  return { port: Number(line), program };
}

/** Text of which about half is random, as pages and templates are. */
function makeFiles(folder: string): void {
  for (let index = 0; index < FILES; index++) {
    const below = join(folder, `d${index % 50}`);
    if (index < 50) mkdirSync(below, { recursive: true });
    const noise = randomBytes(BYTES / 4).toString("hex");
    writeFileSync(join(below, `f${index}.txt`), noise + "lorem ipsum ".repeat(BYTES / 24));
  }
}
