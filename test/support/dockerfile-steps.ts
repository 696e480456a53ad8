/** Runs the steps of a Dockerfile on a bare host, without a container engine. */
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { BareHost } from "./hosts/host.ts";

interface Step {
  instruction: string;
  text: string;
}

/** Instructions with their continued lines joined; comments left out. */
export function readSteps(dockerfile: string): Step[] {
  const lines = dockerfile.replace(/^#.*\n/gm, "").replace(/ *\\\n\s*/g, " ");
  return lines.split("\n").flatMap((line) => {
    const [, instruction = "", text = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return instruction === "" ? [] : [{ instruction, text }];
  });
}

/** The program, directory and user of a started container. */
export interface Image {
  command: string[];
  folder: string;
  user: string;
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** The line that runs a command on the host as a container's user, with nothing of its environment. */
export function asUser(user: string, folder: string, words: readonly string[]): string {
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const become = `setpriv --reuid ${user} --regid "$(id -g ${user})" --init-groups`;
  const home = `HOME="$(getent passwd ${user} | cut -d: -f6)"`;
  return `cd ${folder} && exec ${become} env -i PATH=${path} ${home} ${words.map(quote).join(" ")}`;
}

/** Runs a command while this process continues, for example to serve its requests. */
async function runAside(host: BareHost, command: string): Promise<void> {
  const [log, status] = ["/tmp/step.log", "/tmp/step.status"];
  host.run(`rm -f ${status}; cat > /tmp/step.sh`, command);
  host.run(
    `(setsid sh -c 'sh /tmp/step.sh; echo $? > ${status}.tmp; mv ${status}.tmp ${status}' > ${log} 2>&1 < /dev/null &)`,
  );
  while (!existsSync(join(host.root, status))) await wait(100);
  host.run(`[ "$(cat ${status})" = 0 ] || { cat ${log}; exit 1; }`);
}

/**
 * Runs all steps except FROM, which the host replaces, with `context` as the directory for COPY; `secrets` are
 * those of the build, by their ids.
 */
export async function runSteps(
  host: BareHost,
  dockerfile: string,
  context: string,
  secrets: Readonly<Record<string, string>> = {},
): Promise<Image> {
  const image: Image = { command: [], folder: "/", user: "root" };
  for (const { instruction, text } of readSteps(dockerfile)) {
    switch (instruction) {
      case "FROM":
      case "EXPOSE":
        break;
      case "WORKDIR":
        image.folder = text;
        host.run(`mkdir -p ${text}`);
        break;
      case "USER":
        image.user = text;
        host.run(`id -u ${text}`);
        break;
      case "RUN":
        await runWith(host, image, text, secrets);
        break;
      case "COPY":
        copy(host, text, image, context);
        break;
      case "CMD":
        image.command = JSON.parse(text) as string[];
        break;
      default:
        throw new Error(`${instruction} is not known here`);
    }
  }
  return image;
}

/** Runs a step, which may mount a secret; that is removed when the step ends. */
async function runWith(
  host: BareHost,
  { user, folder }: Image,
  text: string,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const [, id, command = text] = /^--mount=type=secret,id=([\w-]+),\S+ (.*)$/.exec(text) ?? [];
  if (id !== undefined) {
    if (secrets[id] === undefined) throw new Error(`the secret ${id} is required`);
    host.run(`mkdir -p /run/secrets; cat > /run/secrets/${id}`, secrets[id]);
  }
  await runAside(host, asUser(user, folder, ["/bin/sh", "-c", command]));
  host.run("rm -rf /run/secrets");
}

/** `--chown=USER:GROUP FOLDER/ TARGET/`: copies the content of the directory into the target. */
function copy(host: BareHost, text: string, { folder }: Image, context: string): void {
  const [, owner, source, target] = /^--chown=(\S+) (\S+\/) (\S+\/)$/.exec(text) ?? [];
  const from = join(context, source!);
  if (!existsSync(from)) throw new Error(`COPY: there is no ${source}`);
  const path = target!.startsWith("/") ? target! : join(folder, target!);
  const staged = "/copied";
  cpSync(from, join(host.root, staged), { recursive: true, verbatimSymlinks: true });
  host.run(`chown -hR ${owner} ${staged}; mkdir -p ${path}
cd ${staged}; find . -mindepth 1 -maxdepth 1 -exec cp -a {} ${path} ';'; rm -r ${staged}`);
}
