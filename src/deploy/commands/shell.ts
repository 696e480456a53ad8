import { type Stats, statSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { basename as remoteBasename, join as remoteJoin } from "node:path/posix";
import { BuildoutError } from "../../errors/error.ts";
import type { ExecResult } from "../../ssh/commands/exec.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { sourceStats, targetOfFetched, warnOfLeftOut } from "../host/local-places.ts";
import type { RunOptions } from "../host/session.ts";
import type { CommandContext, CommandDefinition, Complaint } from "../run/chain.ts";

const source = "collective.hostout";

export const shellCommands: CommandDefinition[] = [
  {
    name: "run",
    description: "Execute cmd on remote as buildout user",
    arguments: "COMMAND...",
    options: "untouched",
    check: nothingToRun,
    help: "The shell command runs in the path of the host. Quote anything your local shell must not\nexpand. Returns its exit status.",
    example: "run 'df -h . | tail -1'",
    source,
    async run({ session }, args: readonly string[]) {
      return checked(await session.run(shellText("run", args), await shownAlone(session)), args);
    },
  },
  {
    name: "sudo",
    description: "Execute cmd on remote as root user",
    arguments: "COMMAND...",
    options: "untouched",
    check: nothingToRun,
    help: "The shell command runs in the path of the host, with the sudo of the login user. Quote\nanything your local shell must not expand. Returns its exit status.",
    example: "sudo cat /etc/hosts",
    source,
    async run({ session, options }, args: readonly string[]) {
      if (options.noSudo) {
        throw new BuildoutError("no-sudo", `[${options.name}] forbids sudo: 'no-sudo = true'.`);
      }
      return checked(await session.sudo(shellText("sudo", args), await shownAlone(session)), args);
    },
  },
  {
    name: "put",
    description: "Upload a file or directory",
    changes: true,
    arguments: "FILE [TARGET]",
    options: "untouched",
    help: "A relative TARGET starts at the path of the host; default: the name of FILE.",
    example: "put dump.sql var/dump.sql",
    source,
    async run({ session }, [file, target]: readonly string[]) {
      if (!file || target === "") throw usage("put FILE [TARGET]");
      const local = resolve(file);
      const stats = sourceStats(local);
      const { directory } = await session.facts();
      const named = below(directory, target ?? basename(local));
      const connection = await session.buildoutConnection();
      const { signal } = session;
      const remote = stats.isDirectory()
        ? named
        : await targetOfFile(connection, named, basename(local));
      if (stats.isDirectory())
        warnOfLeftOut(session, await connection.putDirectory(local, remote, signal));
      else await connection.put(local, remote, { mode: stats.mode & 0o777, signal });
      session.note(`Uploaded ${local} to ${remote}`);
    },
  },
  {
    name: "putrsync",
    description: "Upload a directory with rsync to the same place below path",
    changes: true,
    arguments: "DIRECTORY",
    help: "Sends only differences. DIRECTORY is inside the buildout; both machines need rsync.",
    example: "putrsync media",
    source,
    async run({ session, project, deployment }, [folder]: readonly string[]) {
      if (!folder) throw usage("putrsync DIR");
      const local = resolve(folder);
      const place = relative(project.directory, local);
      if (place.startsWith("..")) {
        throw new BuildoutError("outside-buildout", `${local} is not in ${project.directory}.`, {
          hint: "Use 'put', which accepts a target.",
        });
      }
      if (!statSync(local, { throwIfNoEntry: false })?.isDirectory()) {
        throw new BuildoutError("file-missing", `There is no directory ${local}.`);
      }
      const { rsync } = await import("../host/rsync.ts");
      const remote = remoteJoin((await session.facts()).directory, place);
      const connection = await session.buildoutConnection();
      await connection.mkdir(remote);
      await rsync(connection, {
        from: `${local}/`,
        to: `${remote}/`,
        direction: "up",
        signal: session.signal,
        env: deployment.env,
        shell: deployment.programs.rsyncShell,
        onLine: (line) => session.emit({ type: "output", stream: "out", line, local: true }),
      });
      session.note(`Uploaded ${local} to ${remote}`);
    },
  },
  {
    name: "get",
    description: "Download a file or directory",
    fetches: true,
    arguments: "FILE [TARGET]",
    options: "untouched",
    help: "A relative FILE starts at the path of the host; TARGET is a path on this machine.",
    example: "get var/log /tmp/logs",
    source,
    async run({ session }, [file, target]: readonly string[]) {
      if (!file || target === "") throw usage("get FILE [TARGET]");
      const { directory } = await session.facts();
      const remote = below(directory, file);
      const name = remoteBasename(remote);
      const wanted = resolve(target ?? name);
      const connection = await session.buildoutConnection();
      const stats = await connection.stat(remote);
      if (stats === undefined) throw await missing(connection, remote);
      const isFile = target !== undefined && !stats.isDirectory();
      const local = isFile ? targetOfFetched(wanted, target, name) : wanted;
      const { signal } = session;
      if (stats.isDirectory())
        warnOfLeftOut(session, await connection.getDirectory(remote, local, signal));
      // As with scp.
      else await connection.get(remote, local, { signal, creationMode: stats.mode & 0o777 });
      session.note(`Downloaded ${remote} to ${local}`);
    },
  },
];

/** As with cp: a file goes into an existing directory; a trailing `/` means one. */
async function targetOfFile(
  connection: HostConnection,
  target: string,
  name: string,
): Promise<string> {
  const stats = await connection.stat(target);
  if (stats?.isDirectory()) return remoteJoin(target, name);
  if (!target.endsWith("/")) return target;
  throw new BuildoutError("remote-file-missing", `There is no directory ${target} on the host.`);
}

/** A broken link exists, too. */
async function missing(connection: HostConnection, path: string) {
  const link = await connection.sftp<Stats | undefined>("read", path, (sftp, done) =>
    sftp.lstat(path, (error, stats) => done(undefined, error ? undefined : stats)),
  );
  const message =
    link === undefined
      ? `There is no file or directory ${path} on the host.`
      : `${path} on the host is a broken link.`;
  return new BuildoutError("remote-file-missing", message);
}

/** Runs in the path of the host; its output is shown as it arrives, and may be endless. */
async function shownAlone(session: CommandContext["session"]): Promise<RunOptions> {
  const { directory, exists } = await session.facts();
  return { cwd: exists ? directory : null, keep: "end" };
}

function shellText(command: string, args: readonly string[]): string {
  if (isBlank(args)) throw usage(`${command} COMMAND...`);
  return args.join(" ");
}

function isBlank(words: readonly string[]): boolean {
  return words.join("").trim() === "";
}

/** An empty command would just log in. */
async function nothingToRun(words: readonly string[]): Promise<Complaint | undefined> {
  return isBlank(words) ? { message: "The command is empty." } : undefined;
}

function usage(text: string): BuildoutError {
  return new BuildoutError("usage", `Usage: bin/hostout HOST ${text}`);
}

function below(path: string, name: string): string {
  return name.startsWith("/") ? name : remoteJoin(path, name);
}

/** The output is for the user; the status is passed on. */
function checked(result: ExecResult, args: readonly string[]): ExecResult {
  if (result.code === 0) return result;
  throw new BuildoutError(
    "remote-command-failed",
    `'${args.join(" ")}' ended with ${result.code === null ? `signal ${result.signal}` : `status ${result.code}`}.`,
    result.code === null ? {} : { exitStatus: result.code },
  );
}
