import { Socket } from "node:net";
import { BuildoutError } from "../errors/error.ts";
import { hostKeyCheck } from "./host-key.ts";
import { isCertificateType } from "./keys/certificate.ts";
import { addKnownHost, findKnownHosts, fingerprint, keyType } from "./known-hosts/known-hosts.ts";
import { offersTo } from "./offers.ts";
import { reach } from "./reach.ts";
import type { Interaction, ResolvedTarget } from "./target.ts";

/** An unknown host key that the user must confirm. */
export interface NewHostKey {
  /** As in known_hosts files. */
  name: string;
  type: string;
  fingerprint: string;
  /** The error of a login if nobody can be asked. */
  refusal: BuildoutError;
  /** Stores it. */
  trust(): Promise<void>;
}

/**
 * Gets a host's key without a login if it is not in known_hosts files and the user would be asked about it.
 * Undefined for other hosts, and for one that does not answer: the login will report why. Hosts behind
 * others are left to the login, too.
 */
export async function newHostKey(
  target: ResolvedTarget,
  { env, signal }: Pick<Interaction, "env" | "signal">,
): Promise<NewHostKey | undefined> {
  const { hostKeyName: name, portlessName, knownHostsFiles, newKeysFile: file } = target;
  if (target.unknownHostKeys !== "ask" || file === undefined) return undefined;
  if (target.jumps.length > 0 || target.proxyCommand !== undefined) return undefined;
  const names = portlessName === undefined ? [name] : [name, portlessName];
  const known = await findKnownHosts(knownHostsFiles, names);
  if (known.some((lines) => lines.length > 0)) return undefined;
  let presented: { key: Buffer; refusal: BuildoutError } | undefined;
  try {
    presented = await present(target, { env, ...(signal && { signal }) });
  } catch (error) {
    if (signal?.aborted || !(error instanceof BuildoutError)) throw error;
    return undefined;
  }
  if (presented === undefined) return undefined;
  const { key, refusal } = presented;
  return {
    ...{ name, type: keyType(key), fingerprint: fingerprint(key), refusal },
    trust: () => addKnownHost(file, name, key, target.hashNames),
  };
}

/** The key of a host, if it is one to ask about. Throws the errors of a connection. */
async function present(
  target: ResolvedTarget,
  silent: Interaction,
): Promise<{ key: Buffer; refusal: BuildoutError } | undefined> {
  const [{ default: ssh2 }, offers] = await Promise.all([import("ssh2"), offersTo(target)]);
  const check = await hostKeyCheck(target, silent, offers);
  const { stream: sock } = await reach(target, undefined, silent.env, silent.signal);
  const address = sock instanceof Socket ? sock.remoteAddress : undefined;
  const client = new ssh2.Client();
  const key = await new Promise<Buffer | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), target.handshakeTimeout * 1000);
    const end = (found: Buffer | undefined) => {
      clearTimeout(timer);
      silent.signal?.removeEventListener("abort", none);
      resolve(found);
    };
    const none = () => end(undefined);
    silent.signal?.addEventListener("abort", none, { once: true });
    client.on("error", none).on("close", none);
    try {
      client.connect({
        ...{ sock, username: target.user, readyTimeout: 0 },
        algorithms: {
          ...{ kex: offers.kex, cipher: offers.cipher, hmac: offers.hmac },
          compress: offers.compress,
          serverHostKey: check.algorithms.filter((one) => !isCertificateType(one)),
        } as NonNullable<Parameters<typeof client.connect>[0]["algorithms"]>,
        hostVerifier: (found: Buffer, verify: (trusted: boolean) => void) => {
          end(found);
          verify(false);
        },
        authHandler: () => false as never,
      });
    } catch {
      // No common algorithm: the login will report it.
      none();
    }
  });
  sock.destroy();
  silent.signal?.throwIfAborted();
  if (key === undefined) return undefined;
  try {
    await check.verify(key, silent, address);
    return undefined;
  } catch (refusal) {
    const isUnknown = refusal instanceof BuildoutError && refusal.code === "host-key-unknown";
    return isUnknown ? { key, refusal } : undefined;
  }
}
