/** How a new machine is logged in to: where it is, and whose host key is trusted. */
import { api, type HostLocation, makeDirectory } from "../../../src/index.ts";
import { hostKeys } from "./host-keys.ts";
import type { Account, Machine } from "./libcloud.ts";
import { addressOfMachine, looks, machineName, option, patience, records } from "./machine.ts";
import type { Records } from "./record.ts";

/** How long the console is read for host keys, milliseconds. */
const KEYS = 120_000;

/** The user has a file of host keys: whom to trust is said there. */
const hasKnownHosts = () => option("known-hosts") !== "";

/** The name that host keys are kept by, whatever the address is. */
const alias = () => `machine-${machineName().toLowerCase()}`;

/** How the host is reached. Its key is read from its console, where the provider shows that. */
export async function locationOf(
  account: Account,
  { machine, isNew }: { machine: Machine; isNew: boolean },
): Promise<HostLocation> {
  const own = records();
  let isFresh = isNew;
  if (!hasKnownHosts() && !own.hasKeys()) {
    // Nobody has logged in yet, also where a call was cut off.
    isFresh = true;
    await readKeys(account, machine, own, isNew);
    if (!own.hasKeys()) {
      const what = `${account.title} does not show the host key of ${machine.id}`;
      api.warn(`${what}: that of the first login is trusted`);
    }
  }
  return {
    ...(await place(addressOfMachine(machine)!)),
    ...(isFresh && { patience: patience() }),
  };
}

/** Where a machine with this address is, and under which name its host key is kept. */
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

/** Reads the keys from the console; of a new machine it waits for them. */
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
      api.note(`The console of ${machine.id} shows its host keys: no other is trusted`);
      return;
    }
    if (Date.now() >= end) return;
    if (isFirst) api.note(`Waiting for the host keys on the console of ${machine.id}`);
    await wait();
  }
}
