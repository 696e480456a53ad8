import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestProject } from "../support/deploy-project.ts";
import { startSshdServer } from "../support/servers.ts";
import { alternate, ms, run } from "./measure.ts";

const FILES = 5000;
const BYTES = 3600;
const ROUNDS = 5;

/** 5,000 files, 18 MB: first deployment and unchanged redeployment beside rsync to the same sshd. */
export async function benchTransfer(): Promise<string[][]> {
  const server = await startSshdServer();
  const project = new TestProject({
    "prod.cfg": "[buildout]\nparts =\n",
  });
  try {
    makeFiles(join(project.directory, "files"));
    const env = { ...process.env, HOME: project.scratch };
    const hostout = (...words: string[]) =>
      run(process.execPath, ["bin/hostout", ...words], {
        cwd: project.directory,
        env,
      });
    const ssh = `ssh -p ${server.port} -i ${server.key} -o UserKnownHostsFile=${join(project.scratch, "known_hosts")} -o StrictHostKeyChecking=accept-new -F none`;
    const rsync = (folder: string) =>
      run("rsync", ["-a", "-e", ssh, "files", `${server.user}@${server.host}:${folder}/`], {
        cwd: project.directory,
        env,
      });
    // A new folder for each round: after a removal the next files were seen to be made slowly.
    const useFolder = async (name: string) => {
      const options = {
        include: "files",
        path: join(server.home, name, "app"),
      };
      project.write({
        "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${project.hostLines(server, options)}`,
      });
      const built = await project.buildout();
      if (built.status !== 0) throw new Error(built.stderr);
    };
    const first = { deploy: [] as number[], upload: [] as number[], rsync: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      await useFolder(`ours${round}`);
      const target = join(server.home, `theirs${round}`);
      const times = alternate(
        { deploy: () => hostout("host1", "deploy"), rsync: () => rsync(target) },
        1,
      );
      first.deploy.push(times.deploy!);
      first.rsync.push(times.rsync!);
      await useFolder(`files${round}`);
      hostout("host1", "bootstrap_buildout");
      const { upload } = alternate({ upload: () => hostout("host1", "uploadbuildout") }, 1);
      first.upload.push(upload!);
    }
    const middle = (list: number[]) => [...list].sort((a, b) => a - b)[ROUNDS >> 1]!;
    const target = join(server.home, `theirs${ROUNDS - 1}`);
    const again = alternate(
      {
        deploy: () => hostout("host1", "deploy"),
        upload: () => hostout("host1", "uploadbuildout"),
        rsync: () => rsync(target),
      },
      2 * ROUNDS + 1,
    );
    const events = hostout("--json", "host1", "deploy")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const trips = events.find(({ type }) => type === "closed").roundTrips;
    const row = (name: string, ours: number, theirs: number, more: string) => [
      name,
      ms(ours),
      `\`rsync -a\`: ${ms(theirs)}`,
      `ratio ${(ours / theirs).toFixed(2)}${more}`,
      "not slower",
    ];
    return [
      row("First `deploy` of 5,000 files, 18 MB", middle(first.deploy), middle(first.rsync), ""),
      row("Its files alone (`uploadbuildout`)", middle(first.upload), middle(first.rsync), ""),
      row(
        "Unchanged redeployment of the same",
        again.deploy!,
        again.rsync!,
        `, ${trips} round trips`,
      ),
      row("Its files alone (`uploadbuildout`)", again.upload!, again.rsync!, ""),
    ];
  } finally {
    project.remove();
    await server.close();
  }
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
