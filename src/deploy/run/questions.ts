import { BuildoutError } from "../../errors/error.ts";
import { agentKeys } from "../../ssh/authentication/agent.ts";
import { loadIdentities } from "../../ssh/authentication/identities.ts";
import { connect } from "../../ssh/connect.ts";
import { newHostKey } from "../../ssh/new-host-key.ts";
import { resolveTarget } from "../../ssh/resolve.ts";
import type { HostTarget, Interaction, ResolvedTarget } from "../../ssh/target.ts";
import { loginTarget } from "../part/login.ts";
import type { HostOptions } from "../part/options.ts";
import type { Reveal } from "../part/revealed.ts";
import { inPool } from "./pool.ts";

/** Maximum number of hosts in an error or question. */
const LISTED = 20;

interface Login {
  options: HostOptions;
  wanted: HostTarget;
  target: ResolvedTarget;
}

/**
 * Asks all questions of the logins before several hosts run in parallel: about unknown host keys, all
 * together, and for passwords if there is no other method, once per user name. Returns those passwords by
 * host.
 *
 * @throws BuildoutError `host-key-unknown`, `authentication-failed`: there is no terminal, or the user declined
 */
export async function askBefore(
  hosts: readonly HostOptions[],
  person: Interaction,
  reveal: Reveal,
  pool: number,
): Promise<Map<string, string>> {
  const logins: Login[] = [];
  for (const options of hosts) {
    // A problem with one host is not a failure of all.
    try {
      const wanted = await loginTarget(options, options.user, person.env, reveal);
      const target = await resolveTarget(wanted, person.env, person.signal);
      logins.push({ options, wanted, target });
    } catch (error) {
      if (person.signal?.aborted || !(error instanceof BuildoutError)) throw error;
    }
  }
  await askAboutKeys(logins, person, pool);
  return askForPasswords(logins, person, pool);
}

async function askAboutKeys(logins: Login[], person: Interaction, pool: number): Promise<void> {
  const found: { host: string; key: NonNullable<Awaited<ReturnType<typeof newHostKey>>> }[] = [];
  // Several parts may be on one host: check the first one.
  const places = new Map([...logins].reverse().map((login) => [login.target.hostKeyName, login]));
  await inPool([...places.values()], pool, async ({ options, target }) => {
    const key = await newHostKey(target, person);
    if (key !== undefined) found.push({ host: options.name, key });
  });
  const [first] = found;
  if (first === undefined) return;
  if (found.length === 1) {
    if (person.confirm === undefined) throw first.key.refusal;
    // For a single part, its login asks as usual.
    const { name } = first.key;
    if (logins.filter(({ target }) => target.hostKeyName === name).length === 1) return;
  }
  const order = logins.map(({ options }) => options.name);
  found.sort((one, other) => order.indexOf(one.host) - order.indexOf(other.host));
  const lines = listed(
    found.map(({ host, key }) => `  ${host} (${key.name}): ${key.type} ${key.fingerprint}`),
  );
  const keys =
    found.length === 1 ? "The key of a host is" : `The keys of ${found.length} hosts are`;
  const unknown = `${keys} not known:\n${lines}`;
  if (person.confirm === undefined) {
    throw new BuildoutError("host-key-unknown", unknown, {
      hint:
        "There is no terminal to ask on. Compare the fingerprints and set the hosts' keys as " +
        "'known-hosts', or accept keys of new hosts (accept-new).",
    });
  }
  if (
    !(await person.confirm(
      `${unknown}\n${found.length === 1 ? "Trust it" : "Trust all of them"} and continue?`,
    ))
  ) {
    throw new BuildoutError("host-key-unknown", "The keys were not accepted.", {
      hint: "Run the command for a single host to be asked about its key.",
    });
  }
  for (const { key } of found) await key.trust();
}

async function askForPasswords(
  logins: Login[],
  person: Interaction,
  pool: number,
): Promise<Map<string, string>> {
  const needing = new Set<Login>();
  await inPool(logins, pool, async (login) => {
    if ((await hasNothingElse(login)) && (await isRefused(login, person))) needing.add(login);
  });
  const without = logins.filter((login) => needing.has(login));
  const passwords = new Map<string, string>();
  if (without.length < 2) return passwords;
  const { ask } = person;
  if (ask === undefined) {
    const names = without.map(({ options, target }) => `${options.name} (${target.user})`);
    throw new BuildoutError(
      "authentication-failed",
      `${without.length} hosts need a password, and there is no terminal to ask on: ${listed(names, ", ")}`,
      { hint: "Set 'identity-file' to a key, load one into ssh-agent, or set 'password-file'." },
    );
  }
  for (const user of new Set(without.map(({ target }) => target.user))) {
    const own = without.filter(({ target }) => target.user === user);
    const names = listed(
      own.map(({ options }) => options.name),
      ", ",
    );
    const password = await ask(`Password of ${user} on ${names}: `, { hidden: true });
    for (const { options } of own) passwords.set(options.name, password);
  }
  return passwords;
}

/** Whether a login can only use a typed password. */
async function hasNothingElse({ target }: Login): Promise<boolean> {
  const { methods, password, askPassword, agent, identities } = target;
  if (password !== undefined || !askPassword) return false;
  if (!methods.some((one) => one === "password" || one === "keyboard-interactive")) return false;
  if (!methods.includes("publickey")) return true;
  const { default: ssh2 } = await import("ssh2");
  // The login reports unreadable keys.
  const loaded = await loadIdentities(ssh2, identities, () => {}).catch(() => undefined);
  if (loaded === undefined) return false;
  if (loaded.some(({ key, encrypted, onToken }) => key ?? encrypted ?? (onToken || undefined))) {
    return false;
  }
  const held = agent === undefined ? [] : await agentKeys(agent).catch(() => []);
  return held.length === 0;
}

/** Some hosts accept logins without authentication. */
async function isRefused({ wanted }: Login, { env, signal }: Interaction): Promise<boolean> {
  try {
    const alone = { ...wanted, askPassword: false };
    await (await connect(alone, { env, ...(signal && { signal }) })).close();
    return false;
  } catch (error) {
    if (signal?.aborted) throw error;
    return error instanceof BuildoutError && error.code === "authentication-failed";
  }
}

function listed(lines: readonly string[], separator = "\n"): string {
  const more = lines.length - LISTED;
  const shown = more > 0 ? [...lines.slice(0, LISTED), `and ${more} more`] : lines;
  return shown.join(separator);
}
