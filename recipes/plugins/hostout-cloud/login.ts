/** Logins to a new machine: its location, and which host key to trust. */
import { api, type HostLocation, makeDirectory } from "../../../src/index.ts";
import { hostKeys } from "./host-keys.ts";
import type { Account, Machine } from "./libcloud.ts";
import { addressOfMachine, looks, machineName, option, patience, records } from "./machine.ts";
import type { Records } from "./record.ts";

/** Milliseconds to wait for host keys on the console. */
const KEYS = 120_000;

/** The user has a file of host keys, which decides whom to trust. */
const hasKnownHosts = () => option("known-hosts") !== "";

/** The name under which host keys are stored, whatever the address. */
const alias = () => `machine-${machineName().toLowerCase()}`;

/** How to reach the host. Its key is read from its console, if the provider shows that. */
export async function locationOf(
  account: Account,
  { machine, isNew }: { machine: Machine; isNew: boolean },
): Promise<HostLocation> {
  const own = records();
  let isFresh = isNew;
  if (!hasKnownHosts() && !own.hasKeys()) {
    // Nobody has logged in yet, even if a call was interrupted.
    isFresh = true;
    await readKeys(account, machine, own, isNew);
    if (!own.hasKeys()) {
      const what = `${account.title} does not show the host key of ${machine.id}`;
      api.warn(`${what}: trusting the key of the first login`);
    }
  }
  return {
    ...(await place(addressOfMachine(machine)!)),
    ...(isFresh && { patience: patience() }),
  };
}

/** The location of a machine with this address, and the name for its host key. */
export async function place(address: string): Promise<HostLocation> {
  const own = records();
  const { file: identityFile } = await api.identity();
  if (hasKnownHosts()) return { host: address, login: { identityFile } };
  makeDirectory(own.folder);
  return {
    host: address,
    login: {
      identityFile,
      sshOptions: [
        ["HostKeyAlias", alias()],
        // It may be a pattern.
        ["UserKnownHostsFile", own.knownHosts.replaceAll("%", "%%")],
        ["StrictHostKeyChecking", own.hasKeys() ? "yes" : "accept-new"],
      ],
    },
  };
}

/** Reads the keys from the console; for a new machine, it waits for them. */
async function readKeys(
  account: Account,
  machine: Machine,
  own: Records,
  waits: boolean,
): Promise<void> {
  const end = waits ? Date.now() + Math.min(KEYS, patience() * 1000) : 0;
  const wait = looks();
  for (let isFirst = true; ; isFirst = false) {
    const console = await account.console(machine.id);
    if (console === undefined) return;
    const keys = hostKeys(console, alias());
    if (keys.length > 0) {
      own.writeKeys(keys);
      api.note(`The console of ${machine.id} shows its host keys: only these are trusted`);
      return;
    }
    if (Date.now() >= end) return;
    if (isFirst) api.note(`Waiting for the host keys on the console of ${machine.id}`);
    await wait();
  }
}
