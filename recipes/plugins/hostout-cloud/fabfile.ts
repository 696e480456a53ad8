import { api, BuildoutError, type HostLocation, task } from "../../../src/index.ts";
import { listProviders, type Machine, withAccount } from "./libcloud.ts";
import { locationOf, place } from "./login.ts";
import {
  addressOfMachine,
  alone,
  choose,
  describeChoice,
  ensureMachine,
  findMachine,
  machineName,
  records,
  removeMachine,
  warnOfFormer,
} from "./machine.ts";

const part = () => String(api.env.name);

/** The steps that start a host create the machine. */
const MAKING = new Set(["bootstrap", "deploy", "predeploy"]);
/** What a plan says that a deployment would create. */
const PLANNING = "plan";
/** Commands that use the provider and not a host: those in this file. */
const PROVIDERS = new Set([
  ...["create", "destroy", "reboot", "is_created", "nodestate", "printnode"],
  ...["list_nodes", "list_sizes", "list_images", "list_providers"],
]);

/** In `api.env`: the address comes from here, not from the option `host`. */
const LOCATED = Symbol("hostout.cloud");

export async function locatehost(command: string): Promise<HostLocation | undefined> {
  if (PROVIDERS.has(command)) return undefined;
  const isOurs = Reflect.get(api.env, LOCATED) === true;
  // A part with a `host` already has a machine.
  if (!isOurs && String(api.env.host ?? "") !== "") return undefined;
  Reflect.set(api.env, LOCATED, true);
  if (MAKING.has(command)) {
    return withAccount(async (account) => locationOf(account, await ensureMachine(account)));
  }
  const known = records().read()?.address;
  if (known !== undefined) return place(known);
  return withAccount(async (account) => {
    const machine = await findMachine(account);
    if (machine !== undefined) {
      return locationOf(account, await ensureMachine(account));
    }
    if (command === PLANNING) {
      const absent = describeChoice(account, await choose(account));
      return { host: machineName(), absent };
    }
    throw new BuildoutError(
      "no-machine",
      `${account.title} has no machine '${machineName()}' yet.`,
      { hint: `Run 'bin/hostout ${part()} deploy', which creates it, or '... create'.` },
    );
  });
}

/** The machine of a command. Throws `no-machine`. */
function withMachine<T>(
  use: (machine: Machine, account: Parameters<typeof findMachine>[0]) => Promise<T>,
): Promise<T> {
  return withAccount(async (account) => {
    const machine = await findMachine(account);
    if (machine !== undefined) return use(machine, account);
    throw new BuildoutError("no-machine", `${account.title} has no machine '${machineName()}'.`, {
      hint: `'bin/hostout ${part()} create' creates it.`,
    });
  });
}

export const create = task(
  "Create the machine, unless it exists",
  () =>
    withAccount(async (account) => {
      const { machine, isNew } = await ensureMachine(account);
      const address = addressOfMachine(machine);
      const what = isNew ? "runs" : "already existed";
      api.note(`${machineName()} (${machine.id}) ${what} at ${address}`);
      await locationOf(account, { machine, isNew });
      return machine;
    }),
  { arguments: "none" },
);

export const destroy = task(
  "Destroy the machine and all its data",
  async (word?: string) =>
    withAccount((account) =>
      alone(async () => {
        const machine = await findMachine(account);
        if (machine === undefined) {
          api.note(`${account.title} has no machine '${machineName()}'`);
          warnOfFormer(account);
          records().forget();
          return true;
        }
        const shown = `${machine.id} (${addressOfMachine(machine) ?? machine.state})`;
        const question = `Remove the machine '${machineName()}', ${shown}, with all its data?`;
        if (word !== "--yes" && !(await api.confirm(question))) {
          api.note("Nothing was changed");
          return false;
        }
        await removeMachine(account, machine);
        return true;
      }),
    ),
  { arguments: "[--yes]", example: "destroy" },
);

export const reboot = task(
  "Restart the machine through its provider",
  () =>
    withMachine(async (machine, account) => {
      await account.reboot(machine.id);
      api.note(`${account.title} is restarting ${machine.id}`);
      // Its address may have changed.
      records().forgetAddress();
    }),
  { arguments: "none" },
);

export const is_created = task(
  "Check whether the machine exists; fail if not",
  () =>
    withAccount(async (account) => {
      const machine = await findMachine(account);
      const what = machine === undefined ? "does not exist" : `exists: ${machine.id}`;
      api.note(`'${machineName()}' ${what}`);
      return machine !== undefined;
    }),
  { arguments: "none" },
);

export const nodestate = task(
  "Show the state of the machine",
  () =>
    withMachine(async ({ state }) => {
      api.note(state);
      return state;
    }),
  { arguments: "none" },
);

export const printnode = task(
  "Show the provider's details of the machine",
  () =>
    withMachine(async (machine) => {
      showMachines([machine]);
      return machine;
    }),
  { arguments: "none" },
);

function showMachines(machines: readonly Machine[]): void {
  api.table(
    ["NAME", "ID", "STATE", "PUBLIC", "PRIVATE"],
    machines.map((one) => [
      ...[one.name, one.id, one.state],
      ...[one.public, one.private].map((addresses) => addresses.join(" ")),
    ]),
  );
}

export const list_nodes = task(
  "List the machines of the account",
  () =>
    withAccount(async (account) => {
      const all = await account.machines();
      showMachines(all);
      return all;
    }),
  { arguments: "none" },
);

const shown = (value: number | null) => (value === null ? "" : String(value));

export const list_sizes = task(
  "List the sizes of machines",
  () =>
    withAccount(async (account) => {
      const all = await account.sizes();
      api.table(
        ["ID", "NAME", "MB", "GB OF DISK", "PRICE"],
        all.map(({ id, name, ram, disk, price }) => [
          ...[id, name],
          ...[ram, disk, price].map(shown),
        ]),
      );
      return all;
    }),
  { arguments: "none" },
);

export const list_images = task(
  "List the images with PATTERN in their name",
  (pattern = "") =>
    withAccount(async (account) => {
      const all = await account.images(pattern);
      api.table(
        ["ID", "NAME"],
        all.map(({ id, name }) => [id, name]),
      );
      return all;
    }),
  { arguments: "[PATTERN]", example: "list_images debian-12" },
);

export const list_providers = task(
  "List the providers for 'hosttype'",
  async () => {
    const all = await listProviders();
    api.table(
      ["HOSTTYPE", "DRIVER"],
      all.map(({ name, driver }) => [name, driver]),
    );
    return all;
  },
  { arguments: "none" },
);
