import { basename } from "node:path";
import { basename as remoteBasename, join as remoteJoin } from "node:path/posix";
import { BuildoutError } from "../../errors/error.ts";
import { quote } from "../../ssh/commands/quote.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { sourceStats, targetOfFetched, warnOfLeftOut } from "../host/local-places.ts";
import { moveInScript } from "../host/root-program.ts";
import { localPath, remotePath, sudo } from "./commands.ts";
import type { FabfileState } from "./state.ts";

export interface PutOptions {
  /** Permission bits; default: those of the local file. */
  mode?: number;
  /** Write it as root. */
  useSudo?: boolean;
}

function connection({ context, settings }: FabfileState): Promise<HostConnection> {
  return context.session.logins.connection(settings.user ?? context.options.user);
}

/** The target itself, or a name below it if it is a directory on the host. */
async function target(host: HostConnection, remote: string, name: string): Promise<string> {
  const isFolder = remote.endsWith("/") || (await host.stat(remote))?.isDirectory();
  return isFolder ? remoteJoin(remote, name) : remote;
}

/**
 * Uploads a file, a directory or bytes. Returns the path on the host. Throws `file-missing` and errors of
 * the connection.
 */
export async function put(
  state: FabfileState,
  source: string | Uint8Array,
  remote = ".",
  { mode, useSudo = false }: PutOptions = {},
): Promise<string> {
  const { session } = state.context;
  const { signal } = session;
  const local = typeof source === "string" ? localPath(state, source) : source;
  if (source === "" || remote === "") throw nameless("put");
  const stats = typeof local === "string" ? sourceStats(local) : undefined;
  const name = typeof local === "string" ? basename(local) : "";
  const path = await remotePath(state, remote);
  if (useSudo) return putAsRoot(state, local, { path, name, mode });
  const host = await connection(state);
  if (typeof local === "string" && stats?.isDirectory()) {
    const folder = remoteJoin(path, name);
    warnOfLeftOut(session, await host.putDirectory(local, folder, signal));
    return folder;
  }
  const file = name === "" ? path : await target(host, path, name);
  await host.put(local, file, {
    mode: mode ?? (stats === undefined ? 0o644 : stats.mode & 0o777),
    signal,
    onProgress: (bytes, total) => session.emit({ type: "transfer", name, bytes, total }),
  });
  return file;
}

interface RootTarget {
  path: string;
  name: string;
  mode: number | undefined;
}

/** Uploads to a directory of the login user, who may use sudo, and moves it from there as root. */
async function putAsRoot(
  state: FabfileState,
  local: string | Uint8Array,
  { path, name, mode }: RootTarget,
): Promise<string> {
  const host = await state.context.session.loginConnection();
  const asLogin = { ...state, settings: { ...state.settings, user: undefined } };
  const made = await host.sh("mktemp -d");
  if (made.code !== 0) {
    throw new BuildoutError(
      "remote-command-failed",
      "The host could not create a temporary directory.",
      {
        output: made.stderr.trim(),
      },
    );
  }
  const folder = made.stdout.trim();
  const staged = remoteJoin(folder, name || "file");
  try {
    await put(asLogin, local, name ? `${folder}/` : staged);
    const script = moveInScript(staged, path, name, mode);
    const result = await sudo(state, script, { label: `put ${path}` });
    return result.stdout.split("\n").at(-1) ?? path;
  } finally {
    await host.sh(`rm -rf ${quote(folder)}`);
  }
}

/**
 * Downloads a file or a directory to `local`, or under its own name. Returns the local path. Unless
 * `keepMode` is false, a file keeps its permissions, minus the umask, as with scp. Throws
 * `remote-file-missing`.
 */
export async function get(
  state: FabfileState,
  remote: string,
  local?: string,
  { keepMode = true } = {},
): Promise<string> {
  if (remote === "" || local === "") throw nameless("get");
  const { session } = state.context;
  const { signal } = session;
  const host = await connection(state);
  const path = await remotePath(state, remote);
  const stats = await host.stat(path);
  if (stats === undefined) {
    throw new BuildoutError("remote-file-missing", `There is no ${path} on the host.`);
  }
  const wanted = localPath(state, local ?? remoteBasename(path));
  const isFile = local !== undefined && !stats.isDirectory();
  const file = isFile ? targetOfFetched(wanted, local, path) : wanted;
  if (stats.isDirectory()) warnOfLeftOut(session, await host.getDirectory(path, file, signal));
  else
    await host.get(path, file, { signal, ...(keepMode && { creationMode: stats.mode & 0o777 }) });
  return file;
}

/** An empty name would mean the whole directory. */
function nameless(operation: string) {
  return new BuildoutError("usage", `'${operation}' needs the names of files; one is empty.`);
}
