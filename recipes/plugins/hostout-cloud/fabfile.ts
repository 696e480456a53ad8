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

/** The steps that begin with a host make the machine. */
const MAKING = new Set(["bootstrap", "deploy", "predeploy"]);
/** What the plan of a deployment says that it would make, and nothing makes. */
const PLANNING = "plan";
/** Commands that ask the provider, and no host; those of this file. */
const PROVIDERS = new Set([
  ...["create", "destroy", "reboot", "is_created", "nodestate", "printnode"],
  ...["list_nodes", "list_sizes", "list_images", "list_providers"],
]);

/** In `api.env`: the address comes from here, not from the option `host`. */
const LOCATED = Symbol("hostout.cloud");

export async function locatehost(command: string): Promise<HostLocation | undefined> {
  if (PROVIDERS.has(command)) return undefined;
  const isOurs = Reflect.get(api.env, LOCATED) === true;
  // A part with a `host` has its machine already.
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
      { hint: `Run 'bin/hostout ${part()} deploy', which makes it, or '... create'.` },
    );
  });
}

/** The machine that a command is about. Throws `no-machine`. */
function withMachine<T>(
  use: (machine: Machine, account: Parameters<typeof findMachine>[0]) => Promise<T>,
): Promise<T> {
  return withAccount(async (account) => {
    const machine = await findMachine(account);
    if (machine !== undefined) return use(machine, account);
    throw new BuildoutError("no-machine", `${account.title} has no machine '${machineName()}'.`, {
      hint: `'bin/hostout ${part()} create' makes it.`,
    });
  });
}

export const create = task(
  "Make the machine, unless it is there",
  () =>
    withAccount(async (account) => {
      const { machine, isNew } = await ensureMachine(account);
      const address = addressOfMachine(machine);
      const what = isNew ? "runs" : "was there already";
      api.note(`${machineName()} (${machine.id}) ${what} at ${address}`);
      await locationOf(account, { machine, isNew });
      return machine;
    }),
  { arguments: "none" },
);

export const destroy = task(
  "Remove the machine, with all that is on it",
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
  "Restart the machine by way of its provider",
  () =>
    withMachine(async (machine, account) => {
      await account.reboot(machine.id);
      api.note(`${account.title} restarts ${machine.id}`);
      // Its address may be another one now.
      records().forgetAddress();
    }),
  { arguments: "none" },
);

export const is_created = task(
  "Say whether the machine is there; fails if not",
  () =>
    withAccount(async (account) => {
      const machine = await findMachine(account);
      const what = machine === undefined ? "is not there" : `is there: ${machine.id}`;
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
  "Show what the provider says of the machine",
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
  "List the providers that 'hosttype' can name",
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
