import { spawn } from "node:child_process";
import { connect, isIP, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { BuildoutError, messageOf } from "../errors/error.ts";
import type { HostConnection } from "./connection.ts";
import type { ResolvedTarget } from "./target.ts";

/** Milliseconds between attempts to connect, as in ssh. */
const BETWEEN_ATTEMPTS = 1000;
export const SERVICE_HINT = "There may be no SSH server on that port. Check host and port.";
export const SLOW_HINT = `${SERVICE_HINT}\nIf the host is only slow, set ConnectTimeout in ssh_config.`;

/** The bytes to and from a host's SSH server. */
export interface Line {
  stream: Duplex;
  /** The error output of a ProxyCommand, or why it did not start. */
  said(): string;
}

/**
 * Opens the way to a host: directly, through the connection to another one, or by ProxyCommand.
 *
 * @throws BuildoutError `host-unreachable`, `interrupted`
 */
export async function reach(
  target: ResolvedTarget,
  jump: HostConnection | undefined,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
): Promise<Line> {
  if (target.proxyCommand !== undefined) return throughCommand(target.proxyCommand, env);
  if (jump !== undefined) return { stream: await openTunnel(target, jump), said: () => "" };
  for (let attempt = 1; ; attempt++) {
    try {
      return { stream: await openSocket(target, signal), said: () => "" };
    } catch (error) {
      if (signal?.aborted || attempt >= target.connectionAttempts) throw error;
      await wait(BETWEEN_ATTEMPTS, undefined, signal === undefined ? {} : { signal }).catch(
        () => {},
      );
    }
  }
}

/** A command of the user's shell whose input and output are the connection. */
function throughCommand(command: string, env: Readonly<Record<string, string | undefined>>): Line {
  // `exec` replaces the shell, so that signals reach the program itself.
  const child = spawn(env.SHELL || "/bin/sh", ["-c", `exec ${command}`], {
    env: { ...env },
    stdio: "pipe",
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  const stream = new Duplex({
    read: () => void child.stdout.resume(),
    // The output of a command that has ended explains why.
    write: (data, _encoding, done) => void child.stdin.write(data, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.stdout.on("data", (data) => {
    if (!stream.push(data)) child.stdout.pause();
  });
  child.once("error", ({ message }) => {
    said += message;
    stream.destroy();
  });
  child.once("close", () => {
    stream.push(null);
    stream.destroy();
  });
  child.stdin.on("error", () => {
    // As above.
  });
  return { stream, said: () => said.trim() };
}

async function openSocket(
  target: ResolvedTarget,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const { hostName, port, connectTimeout, family, bindAddress } = target;
  if (family !== 0 && ![0, family].includes(isIP(hostName))) {
    throw unreachable(target, `it is not an IPv${family} address`, "AddressFamily requires one.");
  }
  const started = performance.now();
  const socket = connect({
    ...{ host: hostName, port, family, noDelay: true, keepAlive: target.tcpKeepAlive },
    ...(bindAddress !== undefined && { localAddress: bindAddress }),
  });
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      if (connectTimeout !== undefined) {
        timer = setTimeout(() => reject({ code: "ETIMEDOUT" }), connectTimeout * 1000);
      }
      abort = () => reject(interrupted(target));
      if (signal?.aborted) abort();
      signal?.addEventListener("abort", abort, { once: true });
      socket.once("connect", resolve).once("error", reject);
    });
    return socket;
  } catch (error) {
    socket.destroy();
    if (error instanceof BuildoutError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const seconds = (performance.now() - started) / 1000;
    const tried = seconds < 1 ? "" : ` (tried for ${seconds.toFixed(1)} s)`;
    const [reason, hint] = networkReason(code ?? messageOf(error), target);
    throw unreachable(target, `${reason}${tried}`, hint, error);
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal?.removeEventListener("abort", abort);
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

function networkReason(code: string, target: ResolvedTarget): [reason: string, hint: string] {
  switch (code) {
    case "ECONNREFUSED":
      return [
        "connection refused",
        "Nothing is listening there: check the port, and whether sshd is running.",
      ];
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
      return ["no such host name", `Check the spelling of '${target.hostName}', or the network.`];
    case "ETIMEDOUT":
      return ["no answer", "The host may be down, or a firewall may drop the packets."];
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return ["no route to it", "Check the address and the network (VPN?)."];
    case "EADDRNOTAVAIL":
      return ["cannot connect from that address", `Check BindAddress (${target.bindAddress}).`];
    default:
      return [code, SERVICE_HINT];
  }
}

export function unreachable(target: ResolvedTarget, reason: string, hint: string, cause?: unknown) {
  const { host, hostName, port } = target;
  const name = host === hostName ? host : `${host} (${hostName})`;
  return new BuildoutError("host-unreachable", `Cannot reach ${name} port ${port}: ${reason}`, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}

export function interrupted(target: ResolvedTarget): BuildoutError {
  return new BuildoutError("interrupted", `Interrupted the login to ${target.host}`);
}

export function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\./.test(address);
}
