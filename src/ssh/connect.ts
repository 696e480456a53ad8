import { connect as connectSocket, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { BuildoutError, messageOf } from "../errors/error.ts";
import { Authenticator } from "./authenticate.ts";
import { HostConnection } from "./connection.ts";
import { Deadline } from "./deadline.ts";
import { hostKeyCheck } from "./host-key.ts";
import { parseJump, resolveTarget } from "./resolve.ts";
import { type HostTarget, type Interaction, label, type ResolvedTarget } from "./target.ts";
import { KEEPALIVE, type SshError, Transport } from "./transport.ts";

/** Seconds. */
const HANDSHAKE_TIMEOUT = 20;
const AUTHENTICATION_TIMEOUT = 60;
const MAX_JUMPS = 8;

/**
 * Connects and logs in to a host, through others where ProxyJump says so. One connection is enough
 * for everything that is done on a host.
 *
 * @throws BuildoutError `host-unreachable`, `host-key-unknown`, `host-key-changed`,
 *   `host-key-revoked`, `authentication-failed`, `handshake-failed`, `identity-file-unreadable`,
 *   `ssh-config-invalid`
 */
export async function connect(
  target: HostTarget,
  interaction: Interaction,
): Promise<HostConnection> {
  const resolved = await resolveTarget(target, interaction.env);
  return connectResolved(resolved, target, interaction, 0);
}

async function connectResolved(
  resolved: ResolvedTarget,
  target: HostTarget,
  interaction: Interaction,
  depth: number,
): Promise<HostConnection> {
  const jump = await connectJump(resolved, target, interaction, depth);
  try {
    const { client, latency, password } = await openClient(resolved, interaction, jump);
    const transport = new Transport(client, label(resolved), latency);
    return new HostConnection(transport, resolved, interaction, jump, password);
  } catch (error) {
    await jump?.close();
    throw error;
  }
}

/** Connects to the last host of ProxyJump, through those before it (ssh_config(5), ProxyJump). */
async function connectJump(
  resolved: ResolvedTarget,
  target: HostTarget,
  interaction: Interaction,
  depth: number,
): Promise<HostConnection | undefined> {
  const last = resolved.jumps.at(-1);
  if (last === undefined) return undefined;
  if (depth >= MAX_JUMPS) {
    throw new BuildoutError(
      "ssh-config-invalid",
      `ProxyJump of ${resolved.host} leads in a circle`,
    );
  }
  const { sshConfigFile, knownHostsFile, acceptNew, connectTimeout } = target;
  const shared = { sshConfigFile, knownHostsFile, acceptNew, connectTimeout };
  const given = Object.entries(shared).filter(([, value]) => value !== undefined);
  const hop: HostTarget = { ...Object.fromEntries(given), ...parseJump(last) };
  const resolvedHop = await resolveTarget(hop, interaction.env);
  const before = resolved.jumps.slice(0, -1);
  if (before.length > 0) resolvedHop.jumps = before;
  return connectResolved(resolvedHop, hop, interaction, depth + 1);
}

interface OpenClient {
  client: Client;
  /** Milliseconds that the host took to accept the connection: one way there and back. */
  latency: number;
  /** The password that let in, if one did. */
  password: string | undefined;
}

/** An authenticated ssh2 client; every failure is told in the user's terms. */
async function openClient(
  target: ResolvedTarget,
  interaction: Interaction,
  jump: HostConnection | undefined,
): Promise<OpenClient> {
  // Both before the socket opens: a server does not wait long for a client that reads files.
  const [{ default: ssh2 }, hostKeys] = await Promise.all([
    import("ssh2"),
    hostKeyCheck(target, interaction),
  ]);
  const started = performance.now();
  const sock = jump ? await openTunnel(target, jump) : await openSocket(target);
  const latency = performance.now() - started;
  return new Promise<OpenClient>((resolve, reject) => {
    const client = new ssh2.Client();
    // Listeners come and go with every SFTP request in flight.
    client.setMaxListeners(0);
    let phase: "handshake" | "authentication" | "done" = "handshake";
    const fail = (error: unknown) => {
      if (phase === "done") return;
      phase = "done";
      deadline.stop();
      client.on("error", () => {});
      sock.destroy();
      reject(error);
    };
    const deadline = new Deadline((step, seconds) =>
      fail(unreachable(target, `no ${step} within ${seconds} s`, SERVICE_HINT)),
    );
    const patient = patiently(interaction, deadline);
    const authenticator = new Authenticator(ssh2, target, patient);
    const attempt = authenticator.handler(fail);

    client.once("ready", () => {
      if (phase === "done") return;
      phase = "done";
      deadline.stop();
      client.off("error", onError);
      resolve({ client, latency, password: authenticator.password });
    });
    const onError = (error: SshError) => {
      // The authenticator goes on with the next method.
      if (error.level === "agent") return;
      if (phase === "authentication") fail(authenticator.refused(error.message));
      else fail(handshakeError(target, error));
    };
    client.on("error", onError);
    client.once("close", () => {
      const closed = "the host closed the connection";
      if (phase === "authentication") fail(authenticator.refused(closed));
      else fail(unreachable(target, `${closed} before the SSH handshake`, SERVICE_HINT));
    });
    client.on("banner", (text) => interaction.note?.(text.trimEnd()));
    deadline.start("SSH handshake", HANDSHAKE_TIMEOUT);
    try {
      client.connect({
        sock,
        username: target.user,
        readyTimeout: 0,
        keepaliveInterval: KEEPALIVE.seconds * 1000,
        keepaliveCountMax: KEEPALIVE.probes,
        algorithms: { serverHostKey: hostKeys.algorithms },
        hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) => {
          hostKeys.verify(key, patient).then(
            () => {
              phase = "authentication";
              deadline.start("answer to the login", AUTHENTICATION_TIMEOUT);
              verify(true);
            },
            (error) => {
              fail(error);
              verify(false);
            },
          );
        },
        authHandler: (...args) => {
          deadline.start("answer to the login", AUTHENTICATION_TIMEOUT);
          return attempt(...args);
        },
      });
    } catch (error) {
      fail(handshakeError(target, error as SshError));
    }
  });
}

/** Time that a person takes to answer is not the host's. */
function patiently(interaction: Interaction, deadline: Deadline): Interaction {
  const { ask, confirm, ...rest } = interaction;
  return {
    ...rest,
    ...(ask && { ask: (...args: Parameters<typeof ask>) => deadline.paused(ask(...args)) }),
    ...(confirm && { confirm: (question: string) => deadline.paused(confirm(question)) }),
  };
}

async function openSocket(target: ResolvedTarget): Promise<Socket> {
  const { hostName, port, connectTimeout } = target;
  const started = performance.now();
  const socket = connectSocket({ host: hostName, port });
  socket.setNoDelay(true);
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject({ code: "ETIMEDOUT" }), connectTimeout * 1000);
      socket.once("connect", resolve).once("error", reject);
    });
    return socket;
  } catch (error) {
    socket.destroy();
    const { code } = error as NodeJS.ErrnoException;
    const tried = ((performance.now() - started) / 1000).toFixed(1);
    const [reason, hint] = networkReason(code ?? messageOf(error), target);
    throw unreachable(target, `${reason} (tried for ${tried} s)`, hint, error);
  } finally {
    clearTimeout(timer);
  }
}

async function openTunnel(target: ResolvedTarget, jump: HostConnection): Promise<Duplex> {
  try {
    return await jump.forwardOut(target.hostName, target.port);
  } catch (error) {
    const via = `${jump.user}@${jump.host}`;
    throw unreachable(
      target,
      `${via} could not connect to it: ${messageOf(error)}`,
      `Check from there: ssh ${via} ssh-keyscan -p ${target.port} ${target.hostName}`,
      error,
    );
  }
}

const SERVICE_HINT = "Is it an SSH server that listens there? Check host and port.";

function networkReason(code: string, target: ResolvedTarget): [reason: string, hint: string] {
  switch (code) {
    case "ECONNREFUSED":
      return ["connection refused", "Nothing listens there: check the port, and that sshd runs."];
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
      return ["no such host name", `Check the spelling of '${target.hostName}', or the network.`];
    case "ETIMEDOUT":
      return ["no answer", "The host may be down, or a firewall may drop the packets."];
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return ["no route to it", "Check the address and the network (VPN?)."];
    default:
      return [code, SERVICE_HINT];
  }
}

function unreachable(target: ResolvedTarget, reason: string, hint: string, cause?: unknown) {
  const { host, hostName, port } = target;
  const name = host === hostName ? host : `${host} (${hostName})`;
  return new BuildoutError("host-unreachable", `Cannot reach ${name} port ${port}: ${reason}`, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}

function handshakeError(target: ResolvedTarget, error: SshError): BuildoutError {
  if (error.level === "client-socket" || /before handshake/i.test(error.message)) {
    const reason = `the connection broke during the SSH handshake: ${error.message}`;
    return unreachable(target, reason, SERVICE_HINT, error);
  }
  return new BuildoutError(
    "handshake-failed",
    `No SSH session with ${target.host} port ${target.port}: ${error.message}`,
    {
      hint: "The server may be too old for today's algorithms, or it may not be an SSH server.",
      cause: error,
    },
  );
}
