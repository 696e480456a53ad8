import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  defineRecipe,
  makeDirectory,
  type Part,
  partDirectory,
  writeFileAtomically,
} from "../../src/index.ts";
import { configurationText, filesOf, samePassword, sectionNames } from "./configuration.ts";
import { distributionsOf, writeAllScripts } from "./scripts.ts";

const options = {
  sections: { description: "Words among `global ctl http rpc services`; default: all of them." },
  "http-socket": { description: "`inet` or `unix`; default inet." },
  port: { description: "`HOST:PORT` or `PORT` to listen on; default 127.0.0.1:9001." },
  file: { description: "The socket, with `http-socket = unix`." },
  chmod: { description: "Permissions of the socket; default 0700." },
  chown: { description: "Owner of the socket, `USER` or `USER:GROUP`." },
  user: { description: "User who may log in." },
  password: { secret: true, description: "Password of `user`." },
  serverurl: { description: "How supervisorctl reaches supervisord; default: port or file." },
  "supervisord-conf": { description: "The file to write; default parts/NAME/supervisord.conf." },
  logfile: { description: "Default var/log/supervisord.log." },
  pidfile: { description: "Default var/supervisord.pid." },
  childlogdir: { description: "Directory of the programs' logs; default var/log." },
  "logfile-maxbytes": { description: "Default 50MB." },
  "logfile-backups": { description: "Default 10." },
  loglevel: { description: "Default info." },
  umask: { description: "Default 022." },
  nodaemon: { description: "`true`: supervisord stays in the foreground." },
  nocleanup: { description: "`true`: keep the logs of programs at startup." },
  "supervisord-user": { description: "User to run supervisord as when root starts it." },
  "supervisord-directory": { description: "Working directory of supervisord." },
  "supervisord-environment": { description: "`KEY=value,KEY2=value2`." },
  "env-path": { description: "PATH of supervisord and its programs." },
  programs: { description: "One per line." },
  eventlisteners: { description: "One per line." },
  groups: { description: "One per line." },
  include: { description: "Further configuration files, one per line." },
  plugins: { type: "lines", description: "Further Python packages, for their scripts." },
} as const;

type SupervisorPart = Part<typeof options>;

function textOf(part: SupervisorPart): string {
  return configurationText(part.options, part.buildout.directory);
}

function fileOf(part: SupervisorPart): string {
  return path.resolve(part.buildout.directory, part.options.require("supervisord-conf"));
}

/** Only readable by the group if it contains a password: supervisord may run as another user. */
async function writeConfiguration(part: SupervisorPart): Promise<void> {
  const file = fileOf(part);
  makeDirectory(path.dirname(file));
  const secret = part.options.get("password") ? 0o640 : 0o666;
  writeFileAtomically(file, textOf(part), secret & ~process.umask());
}

async function makeLogFolders(part: SupervisorPart): Promise<void> {
  if (!sectionNames(part.options).has("global")) return;
  const { directory } = part.buildout;
  const { logfile, pidfile, childlogdir } = filesOf(part.options, directory);
  for (const folder of [childlogdir, path.dirname(logfile), path.dirname(pidfile)]) {
    // `%(here)s` and the like are expanded by supervisord.
    if (!folder.includes("%(")) makeDirectory(path.resolve(directory, folder));
  }
}

export default defineRecipe({
  description: "Writes supervisord's configuration and the scripts to run and control it.",
  options,
  readsOnlyDeclared: true,
  init(part) {
    const conf = `${partDirectory(part)}/supervisord.conf`;
    if (!part.options.has("supervisord-conf")) part.options.set("supervisord-conf", conf);
    textOf(part); // Errors in it are reported before anything is installed.
  },
  async install(part) {
    await makeLogFolders(part);
    const conf = part.options.require("supervisord-conf");
    part.created(conf);
    await writeConfiguration(part);
    const scripts = await writeAllScripts(part, part.values.plugins ?? []);
    part.created(...scripts);
    return [...scripts, conf];
  },
  async update(part) {
    const there = await readFile(fileOf(part), "utf8").catch(() => "");
    if (!samePassword(there, textOf(part))) await writeConfiguration(part);
    return writeAllScripts(part, part.values.plugins ?? []);
  },
  settled: async ({ buildout, options }) => [await buildout.pythonExecutable(options)],
  distributions: (part) => distributionsOf(part, part.values.plugins ?? []),
});
