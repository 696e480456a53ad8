import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { quote } from "../../ssh/commands/quote.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { joinStreams } from "../../ssh/join-streams.ts";
import { whenInterrupted } from "../../system/ending.ts";
import { killTree } from "../../system/process-tree.ts";

export interface RsyncRequest {
  /** Paths for rsync: a trailing slash on the source means its contents. */
  from: string;
  to: string;
  /** Whether `to` is on the host; otherwise `from` is. */
  direction: "up" | "down";
  /** Delete files on the target that are not in the source. */
  delete?: boolean;
  exclude?: readonly string[];
  /** Whether the options begin with `-a`; default true. */
  archive?: boolean;
  /** More options, as on rsync's command line. */
  options?: readonly string[];
  signal: AbortSignal;
  env: NodeJS.ProcessEnv;
  /** Absolute path of the program to use instead of ssh. */
  shell: string;
  onLine(line: string): void;
}

/**
 * Synchronizes a directory with rsync through the existing connection, without another login or password.
 * Needs rsync on both machines. Throws `no-rsync` if this machine has none, and `rsync-failed` with its
 * output.
 */
export async function rsync(connection: HostConnection, request: RsyncRequest): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hostout-rsync-"));
  const socket = join(folder, "socket");
  const remote: RemoteSide = { connection, clients: new Set(), complaints: [] };
  const server = createServer({ allowHalfOpen: true }, (client) => serve(client, remote));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(socket, resolve);
    });
    await run(request, socket, remote.complaints);
  } finally {
    for (const client of remote.clients) client.destroy();
    await stop(server);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command line of the host's rsync, and its error output. */
interface RemoteSide {
  connection: HostConnection;
  clients: Set<Socket>;
  complaints: Buffer[];
}

async function run(
  request: RsyncRequest,
  socket: string,
  complaints: readonly Buffer[],
): Promise<void> {
  const { from, to, direction, env, signal, shell, onLine } = request;
  const { execa } = await import("execa");
  const remote = (path: string) => `host:${path}`;
  const lines = async function* (line: unknown) {
    onLine(String(line));
    yield line;
  };
  const child = execa(
    "rsync",
    [
      ...(request.archive === false ? [] : ["-a"]),
      "--partial",
      // Words, not a command line: rsync itself quotes paths for the host's shell.
      "--protect-args",
      "-e",
      [process.execPath, shell, socket].map(rsyncWord).join(" "),
      ...(request.delete ? ["--delete"] : []),
      ...(request.exclude ?? []).map((pattern) => `--exclude=${pattern}`),
      ...(request.options ?? []),
      "--",
      direction === "up" ? from : remote(from),
      direction === "up" ? remote(to) : to,
    ],
    {
      env,
      extendEnv: false,
      stdin: "ignore",
      all: true,
      reject: false,
      stdout: lines,
      // Away from the terminal's Ctrl-C: with several hosts the first one ends nothing that runs.
      detached: true,
    },
  );
  const end = () => child.pid !== undefined && killTree(child.pid);
  const result = await child.finally(whenInterrupted(end, signal));
  if (signal.aborted) throw new BuildoutError("interrupted", "Interrupted rsync.");
  if (result.code === "ENOENT") {
    throw new BuildoutError("no-rsync", "There is no rsync on this machine.", {
      hint: "Install rsync here and on the host, or use 'put'.",
    });
  }
  if (result.exitCode === 0) return;
  const output = `${Buffer.concat(complaints)}${result.all ?? ""}`.trim();
  const missing = /rsync: (command )?not found|rsync: not found/.test(output);
  throw new BuildoutError(
    "rsync-failed",
    missing
      ? "There is no rsync on the host."
      : `rsync ended with status ${result.exitCode ?? result.signal}.`,
    { output, ...(missing && { hint: "Install rsync there, or use 'put'." }) },
  );
}

/** rsync splits the value of -e at spaces, except in quotes. */
function rsyncWord(word: string): string {
  return /\s/.test(word) ? `"${word}"` : word;
}

/** One run of rsync on the host: the first line from the socket identifies it, the rest is its data. */
function serve(client: Socket, { connection, clients, complaints }: RemoteSide): void {
  clients.add(client);
  client.on("close", () => clients.delete(client));
  let head = Buffer.alloc(0);
  client.on("error", () => client.destroy());
  const read = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\n");
    if (end < 0) return;
    client.off("data", read).pause();
    const words: string[] = JSON.parse(head.subarray(0, end).toString());
    const rest = head.subarray(end + 1);
    connection.open(words.map(quote).join(" ")).then(
      (channel) => {
        if (rest.length > 0) channel.write(rest);
        joinStreams(client, channel);
        channel.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
      },
      (error) => client.destroy(error),
    );
  };
  client.on("data", read);
}

async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
