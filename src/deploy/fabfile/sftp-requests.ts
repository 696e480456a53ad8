/** Requests of `Connection.sftp()` in fabfiles in Python. */
import type { SFTPWrapper, Stats } from "ssh2";
import { BuildoutError } from "../../errors/error.ts";
import type { HostConnection } from "../../ssh/connection.ts";

type Done = (error?: Error | null | undefined, value?: unknown) => void;
type Argument = string | number;

/** Attributes as Python's `os.stat` names them. */
function attributes({ mode, size, uid, gid, atime, mtime }: Stats) {
  return {
    st_mode: mode,
    st_size: size,
    st_uid: uid,
    st_gid: gid,
    st_atime: atime,
    st_mtime: mtime,
  };
}

/** Name in Python -> purpose, and the call of ssh2; the first argument is a path. */
const REQUESTS: Readonly<
  Record<
    string,
    {
      purpose: "read" | "write";
      start(sftp: SFTPWrapper, path: string, args: readonly Argument[], done: Done): void;
    }
  >
> = {
  stat: { purpose: "read", start: (sftp, path, _, done) => sftp.stat(path, done) },
  lstat: { purpose: "read", start: (sftp, path, _, done) => sftp.lstat(path, done) },
  listdir: { purpose: "read", start: (sftp, path, _, done) => sftp.readdir(path, done) },
  normalize: { purpose: "read", start: (sftp, path, _, done) => sftp.realpath(path, done) },
  readlink: { purpose: "read", start: (sftp, path, _, done) => sftp.readlink(path, done) },
  mkdir: {
    purpose: "write",
    start: (sftp, path, [mode], done) => sftp.mkdir(path, { mode: Number(mode) }, done),
  },
  rmdir: { purpose: "write", start: (sftp, path, _, done) => sftp.rmdir(path, done) },
  remove: { purpose: "write", start: (sftp, path, _, done) => sftp.unlink(path, done) },
  rename: {
    purpose: "write",
    start: (sftp, path, [to], done) => sftp.rename(path, String(to), done),
  },
  posix_rename: {
    purpose: "write",
    start: (sftp, path, [to], done) => sftp.ext_openssh_rename(path, String(to), done),
  },
  symlink: {
    purpose: "write",
    start: (sftp, path, [at], done) => sftp.symlink(path, String(at), done),
  },
  chmod: {
    purpose: "write",
    start: (sftp, path, [mode], done) => sftp.chmod(path, Number(mode), done),
  },
  chown: {
    purpose: "write",
    start: (sftp, path, [uid, gid], done) => sftp.chown(path, Number(uid), Number(gid), done),
  },
  utime: {
    purpose: "write",
    start: (sftp, path, [accessed, modified], done) =>
      sftp.utimes(path, Number(accessed), Number(modified), done),
  },
  truncate: {
    purpose: "write",
    start: (sftp, path, [size], done) => sftp.setstat(path, { size: Number(size) }, done),
  },
};

/** Whole files, each byte as one character. */
export async function sftpRequest(
  connection: HostConnection,
  name: string,
  path: string,
  args: readonly Argument[],
): Promise<unknown> {
  if (name === "read") return (await connection.readFile(path)).toString("latin1");
  if (name === "write") return writeFile(connection, path, String(args[0]));
  const request = REQUESTS[name];
  if (request === undefined)
    throw new BuildoutError("unknown-fact", `SFTP has no operation '${name}'.`);
  const { purpose, start } = request;
  const answer = await connection.sftp<unknown>(purpose, path, (sftp, done) =>
    start(sftp, path, args, done as Done),
  );
  if (name === "stat" || name === "lstat") return attributes(answer as Stats);
  if (name !== "listdir") return answer;
  const entries = answer as { filename: string; longname: string; attrs: Stats }[];
  return entries.map(({ filename, longname, attrs }) => ({
    ...{ filename, longname },
    ...attributes(attrs),
  }));
}

/** In place, like SFTP clients: links are followed, owner and mode stay. */
function writeFile(connection: HostConnection, path: string, text: string): Promise<unknown> {
  return connection.sftp("write", path, (sftp, done) =>
    sftp.writeFile(path, Buffer.from(text, "latin1"), done as Done),
  );
}
