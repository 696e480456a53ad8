/** Over 300 lines: the attempt to log in, whose listeners share its state, and the errors of each of its steps. */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Algorithms, Client } from "ssh2";
import { BuildoutError } from "../errors/error.ts";
import { startTiming } from "../system/timings.ts";
import { Authenticator } from "./authentication/authenticate.ts";
import { parseJump } from "./config/jump.ts";
import { HostConnection } from "./connection.ts";
import { Deadline } from "./deadline.ts";
import { hostKeyCheck } from "./host-key.ts";
import { isCertificateType, parseCertificate } from "./keys/certificate.ts";
import { acceptCertificate, offerHostKeys } from "./known-hosts/host-certificate.ts";
import { offersTo } from "./offers.ts";
import { interrupted, isLoopback, reach, SERVICE_HINT, SLOW_HINT, unreachable } from "./reach.ts";
import { resolveTarget } from "./resolve.ts";
import { type HostTarget, type Interaction, label, type ResolvedTarget } from "./target.ts";
import { type SshError, Transport } from "./transport.ts";

/** Seconds. */
const AUTHENTICATION_TIMEOUT = 60;
const MAX_JUMPS = 8;
const CLOSED = "the host closed the connection";

/**
 * Connects and logs in to a host, through ProxyJump hosts if configured, or `through` a connection that
 * stays open afterwards. One connection is enough for everything on a host.
 *
 * @throws BuildoutError `host-unreachable`, `host-key-unknown`, `host-key-changed`,
 *   `host-key-revoked`, `authentication-failed`, `handshake-failed`, `identity-file-unreadable`,
 *   `ssh-config-invalid`
 */
export async function connect(
  target: HostTarget,
  interaction: Interaction,
  through?: HostConnection,
): Promise<HostConnection> {
  const resolved = await resolveTarget(target, interaction.env, interaction.signal);
  if (through !== undefined) {
    return logIn({ ...resolved, proxyCommand: undefined }, interaction, through, undefined);
  }
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
    return await logIn(resolved, interaction, jump, jump);
  } catch (error) {
    await jump?.close();
    throw error;
  }
}

/** `closing` is a connection to close with this one. */
async function logIn(
  resolved: ResolvedTarget,
  interaction: Interaction,
  through: HostConnection | undefined,
  closing: HostConnection | undefined,
): Promise<HostConnection> {
  const { client, sock, latency, password } = await openClient(resolved, interaction, through);
  const transport = new Transport(client, sock, label(resolved), latency, resolved);
  return new HostConnection(transport, resolved, closing, password);
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
    throw new BuildoutError("ssh-config-invalid", `ProxyJump of ${resolved.host} is circular`);
  }
  const { sshConfigFile, systemConfigFile, knownHostsFile, acceptNew } = target;
  const { connectTimeout, legacyAlgorithms } = target;
  const shared = {
    ...{ sshConfigFile, systemConfigFile, knownHostsFile, acceptNew },
    ...{ connectTimeout, legacyAlgorithms },
  };
  const given = Object.entries(shared).filter(([, value]) => value !== undefined);
  const hop: HostTarget = { ...Object.fromEntries(given), ...parseJump(last) };
  const resolvedHop = await resolveTarget(hop, interaction.env, interaction.signal);
  const before = resolved.jumps.slice(0, -1);
  if (before.length > 0) Object.assign(resolvedHop, { jumps: before, proxyCommand: undefined });
  return connectResolved(resolvedHop, hop, interaction, depth + 1);
}

interface OpenClient {
  client: Client;
  /** What it is connected with. */
  sock: Duplex;
  /** Milliseconds that the host took to accept the connection: one round trip. 0 on loopback. */
  latency: number;
  /** The accepted password, if any. */
  password: string | undefined;
}

/**
 * An authenticated ssh2 client; all failures are reported in the user's terms. Over 80 lines: the listeners
 * of one attempt share its state, and each can end it.
 */
async function openClient(
  target: ResolvedTarget,
  person: Interaction,
  jump: HostConnection | undefined,
): Promise<OpenClient> {
  const { ask: _ask, confirm: _confirm, ...alone } = person;
  const interaction = target.batch ? alone : person;
  let ended = startTiming("  TCP", undefined);
  const { env, signal } = interaction;
  // A ProxyCommand says nothing of its distance, so it counts as far.
  const started = target.proxyCommand === undefined ? performance.now() : -Infinity;
  const { stream: sock, said } = await reach(target, jump, env, signal);
  const address = sock instanceof Socket ? sock.remoteAddress : undefined;
  // On loopback, this would measure the machine's load, not the network.
  const isHere = address !== undefined && isLoopback(address);
  const latency = isHere ? 0 : performance.now() - started;
  ended();
  ended = startTiming("  key exchange", undefined);
  // While the host starts a process for the connection.
  const { ssh2, internals, offers, hostKeys } = await prepare(target, interaction).catch(
    (error) => {
      sock.destroy();
      throw error;
    },
  );
  if (sock.destroyed) throw closedEarly(target, said());
  return new Promise<OpenClient>((resolve, reject) => {
    const client = new ssh2.Client();
    // Every SFTP request in flight adds listeners.
    client.setMaxListeners(0);
    let phase: "handshake" | "authentication" | "done" = "handshake";
    const fail = (error: unknown) => {
      if (phase === "done") return;
      phase = "done";
      deadline.stop();
      signal?.removeEventListener("abort", abort);
      client.on("error", () => {});
      sock.destroy();
      reject(error);
    };
    const abort = () => fail(interrupted(target));
    signal?.addEventListener("abort", abort, { once: true });
    const deadline = new Deadline((step, seconds) =>
      fail(unreachable(target, `no ${step} within ${seconds} s`, SLOW_HINT)),
    );
    const patient = patiently(interaction, deadline);
    const authenticator = new Authenticator(
      ssh2,
      target,
      patient,
      offers.userKeys,
      internals.sendPacket,
    );
    const attempt = authenticator.handler(fail);

    client.once("ready", () => {
      if (phase === "done") return;
      phase = "done";
      ended();
      deadline.stop();
      signal?.removeEventListener("abort", abort);
      client.off("error", onError);
      countSilenceOnly(client, sock);
      resolve({ client, sock, latency, password: authenticator.password });
    });
    const onError = (error: SshError) => {
      // The authenticator continues with the next method.
      if (error.level === "agent") return;
      // After what came before it, which says what the host accepts.
      if (phase === "authentication")
        setImmediate(() => fail(authenticator.refused(error.message)));
      else if (target.proxyCommand !== undefined && said() !== "")
        fail(proxyFailed(target, said()));
      else fail(handshakeError(target, error));
    };
    client.on("error", onError);
    client.once("close", () => {
      if (phase === "authentication") fail(authenticator.refused(CLOSED));
      else fail(closedEarly(target, said()));
    });
    client.on("banner", (text) => interaction.note?.(text.trimEnd()));
    deadline.start("SSH handshake", target.handshakeTimeout);
    try {
      client.connect({
        sock,
        username: target.user,
        readyTimeout: 0,
        keepaliveInterval: target.alive.seconds * 1000,
        keepaliveCountMax: target.alive.count,
        ...(target.forwardedAgent !== undefined && {
          ...{ agent: target.forwardedAgent, agentForward: true },
        }),
        algorithms: {
          ...{ kex: offers.kex, cipher: offers.cipher, hmac: offers.hmac },
          compress: offers.compress,
          serverHostKey: hostKeys.algorithms.filter((name) => !isCertificateType(name)),
        } as Algorithms,
        hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) => {
          // At once: ssh2 checks the signature before it knows whether the key is trusted.
          const certificate = parseCertificate(key);
          if (certificate !== undefined) acceptCertificate(client, certificate);
          // The host renews the session's keys. The answer must not wait: until it is given, ssh2
          // sends what comes in between with the old keys, and the host ends the connection.
          if (phase !== "handshake") return verify(hostKeys.isTrusted(key));
          hostKeys.verify(key, patient, address).then(
            () => {
              phase = "authentication";
              ended();
              ended = startTiming("  login", undefined);
              deadline.start("answer to the login", AUTHENTICATION_TIMEOUT);
              verify(true);
            },
            // The socket is destroyed, so ssh2 needs no answer.
            fail,
          );
        },
        authHandler: (...args) => {
          deadline.start("answer to the login", AUTHENTICATION_TIMEOUT);
          return attempt(...args);
        },
      });
      if (hostKeys.algorithms.some(isCertificateType)) offerHostKeys(client, hostKeys.algorithms);
      authenticator.serve(client);
    } catch (error) {
      fail(handshakeError(target, error as SshError));
    }
  });
}

/** Everything for a login that does not need the host. */
async function prepare(target: ResolvedTarget, interaction: Interaction) {
  const [{ default: ssh2 }, { default: internals }, offers] = await Promise.all([
    import("ssh2"),
    import("ssh2/lib/protocol/utils.js"),
    offersTo(target),
  ]);
  const hostKeys = await hostKeyCheck(target, interaction, offers);
  if (interaction.signal?.aborted) throw interrupted(target);
  return { ssh2, internals, offers, hostKeys };
}

/**
 * Treats only a silent host as gone, as intended by ServerAliveInterval: ssh2 also counts unanswered
 * keep-alives queued after a slow but working upload.
 */
function countSilenceOnly(client: Client, sock: Duplex): void {
  const { _resetKA: startAnew } = client as unknown as { _resetKA(): void };
  sock.on("data", startAnew);
}

/** Time that the user takes to answer does not count. */
function patiently(interaction: Interaction, deadline: Deadline): Interaction {
  const { ask, confirm, ...rest } = interaction;
  return {
    ...rest,
    ...(ask && { ask: (...args: Parameters<typeof ask>) => deadline.paused(ask(...args)) }),
    ...(confirm && { confirm: (question: string) => deadline.paused(confirm(question)) }),
  };
}

function handshakeError(target: ResolvedTarget, error: SshError): BuildoutError {
  if (error.level === "client-socket" || /before handshake/i.test(error.message)) {
    const reason = `the connection was lost during the SSH handshake: ${error.message}`;
    return unreachable(target, reason, SERVICE_HINT, error);
  }
  return new BuildoutError(
    "handshake-failed",
    `No SSH session with ${target.host} port ${target.port}: ${error.message}`,
    {
      hint: /no matching/i.test(error.message)
        ? "The host only supports old algorithms. If it cannot be upgraded, set 'legacy-algorithms = true'."
        : "There may be no SSH server on that port. Check host and port.",
      cause: error,
    },
  );
}

function closedEarly(target: ResolvedTarget, said: string): BuildoutError {
  if (target.proxyCommand !== undefined) return proxyFailed(target, said);
  return unreachable(target, `${CLOSED} before the SSH handshake`, SERVICE_HINT);
}

function proxyFailed(target: ResolvedTarget, said: string): BuildoutError {
  const why = said === "" ? "it ended before the SSH handshake" : said;
  const setting = target.settings.find(({ keyword }) => keyword.name === "ProxyCommand");
  return new BuildoutError(
    "host-unreachable",
    `Cannot reach ${target.host} by ProxyCommand (${target.proxyCommand}): ${why}`,
    {
      ...(setting !== undefined && { location: setting.location }),
      hint: "Run the command by hand: it must connect its input and output to the host.",
    },
  );
}
