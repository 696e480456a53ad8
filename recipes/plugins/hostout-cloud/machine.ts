/** The machine of a part: finding, requesting, waiting, removing. Over 300 lines: each step is next to its errors. */
import { randomUUID } from "node:crypto";
import { isIPv4 } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { api, BuildoutError, makeDirectory, withLock } from "../../../src/index.ts";
import { chooseImage, chooseSize, type Image, type Size } from "./choice.ts";
import { type Account, type Machine, namedLines } from "./libcloud.ts";
import { type MachineRecord, type Records, recordsOf } from "./record.ts";
import { userData } from "./user-data.ts";

/** Initial and maximum milliseconds between checks of a starting machine. */
const LOOK = 250;
const LONGEST_LOOK = 2000;
/** Milliseconds between messages about it. */
const WORD = 15_000;
/** Milliseconds before a newly requested machine must appear in the list. */
const LISTING = 20_000;
/** How long to wait for the end of a machine before removing its security group. */
const CLOSING = 120_000;

/** Growing pauses between checks. */
export function looks(): () => Promise<void> {
  let next = LOOK;
  return async () => {
    await pause(next);
    next = Math.min(next * 2, LONGEST_LOOK);
  };
}

export const option = (name: string) => String(api.env[name] ?? "").trim();

/** The name of the machine at the provider. Throws `invalid-option`. */
export function machineName(): string {
  const name = option("hostname") || option("name");
  if (/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(name)) return name;
  throw new BuildoutError("invalid-option", `'${name}' cannot be the name of a machine.`, {
    hint: `Set 'hostname' of [${option("name")}] to letters, digits, dots and dashes.`,
  });
}

export const records = (): Records => recordsOf(api.project.directory, machineName());

/** The one machine with the name; undefined if there is none. Throws `several-machines`. */
export async function findMachine(account: Account): Promise<Machine | undefined> {
  const name = machineName();
  const found = (await account.machines()).filter((one) => one.name === name && !one.isGone);
  if (found.length < 2) return found[0];
  const list = found.map(({ id, state }) => `${id} (${state})`).join(", ");
  throw new BuildoutError(
    "several-machines",
    `${account.title} has ${found.length} machines named '${name}': ${list}.`,
    { hint: "Destroy or rename all but one of them there; each of them may cost money." },
  );
}

/** Public addresses before private ones, IPv4 before IPv6. */
export function addressOfMachine(machine: Pick<Machine, "public" | "private">): string | undefined {
  const all = [...machine.public, ...machine.private];
  const better = (some: readonly string[]) => some.find(isIPv4) ?? some[0];
  return better(machine.public) ?? better(all);
}

/** What to request. */
export interface Choice {
  size: Size;
  image: Image;
}

/** Throws `unknown-size`, `unknown-image`. */
export async function choose(account: Account): Promise<Choice> {
  const part = option("name");
  const size = chooseSize(await account.sizes(), {
    part,
    hostsize: option("hostsize"),
    hostsizeName: option("hostsize_name"),
  });
  return { size, image: await imageFor(account, part) };
}

async function imageFor(account: Account, part: string): Promise<Image> {
  const [imageid, hostos] = [option("imageid"), option("hostos")];
  // The request will show whether the provider has it: some have too many to list.
  if (imageid !== "") return { id: imageid, name: imageid };
  if (hostos !== "" && account.name !== "ec2") {
    return chooseImage(await account.images(hostos), hostos, part);
  }
  const message = "The image of the machine is not set.";
  throw new BuildoutError("unknown-image", message, {
    hint:
      hostos === ""
        ? `Set 'imageid' to one listed by 'bin/hostout ${part} list_images', or 'hostos' to a part of its name.`
        : `Set 'imageid': anybody can publish an image there with the name '${hostos}'.`,
  });
}

export function describeChoice({ name, title }: Account, { size, image }: Choice): string {
  const price = size.price ? `, price ${size.price}` : "";
  const shown = image.name === image.id ? image.id : `${image.name} (${image.id})`;
  return `a machine '${machineName()}' of ${title} (${name}): ${size.name}${price}, ${shown}`;
}

/** Only one call at a time creates or removes the machine. */
export function alone<T>(action: () => Promise<T>): Promise<T> {
  const { folder } = records();
  makeDirectory(folder);
  return withLock(
    folder,
    () => api.note(`Another call is creating '${machineName()}'; waiting`),
    action,
  );
}

/** Finds or requests the machine, and waits until it is running and has an address. */
export function ensureMachine(account: Account): Promise<{ machine: Machine; isNew: boolean }> {
  return alone(async () => {
    const own = records();
    const there = (await findMachine(account)) ?? (await findLate(account, own));
    if (there === undefined) {
      const ordered = await order(account, own);
      return { machine: await waitUntilUp(account, ordered, own), isNew: true };
    }
    const noted = own.read();
    const isOther = noted?.id !== undefined && noted.id !== there.id;
    // A machine that somebody else has created in its place.
    if (isOther) own.forget();
    note(own, account, there);
    return { machine: await waitUntilUp(account, there, own), isNew: false };
  });
}

/** A machine requested a moment ago by another call may not be listed yet. */
async function findLate(account: Account, own: Records): Promise<Machine | undefined> {
  const former = own.read();
  const end = (former?.ordered ?? 0) + Math.min(LISTING, patience() * 1000);
  const wait = looks();
  if (Date.now() < end) api.note(`Looking for '${machineName()}', which was just requested`);
  while (Date.now() < end) {
    await wait();
    const found = await findMachine(account);
    if (found !== undefined) return found;
  }
  return undefined;
}

function note(own: Records, account: Account, machine: Machine): void {
  const address = addressOfMachine(machine);
  const former = own.read();
  const record: MachineRecord = {
    provider: account.name,
    token: former?.token ?? randomUUID(),
    ordered: former?.ordered ?? 0,
    id: machine.id,
    ...(address !== undefined && { address }),
  };
  if (JSON.stringify(former) !== JSON.stringify(record)) own.write(record);
}

/** A machine that was created and is no longer in the account: options may have changed. */
export function warnOfFormer({ title }: Account): void {
  const former = records().read();
  if (former?.id === undefined) return;
  const which = `${former.id} (${former.provider})`;
  api.warn(
    `The machine ${which} of an earlier call is not listed by ${title}: if it is in another account or region, it still costs money`,
  );
}

/** Errors of the provider that mean that nothing was created. */
const NOTHING_MADE = new Set([
  ...["invalid-option", "provider-login-failed", "provider-quota"],
  ...["unknown-image", "unknown-size"],
]);

/** Some drivers take several steps: the machine may exist although a later step failed. */
async function nothingMade(account: Account, { code }: BuildoutError): Promise<boolean> {
  if (code !== "provider-failed") return NOTHING_MADE.has(code);
  const all = await account.machines().catch(() => undefined);
  return all?.every((one) => one.name !== machineName() || one.isGone) === true;
}

async function order(account: Account, own: Records): Promise<Machine> {
  const user = option("user");
  if (user === "") {
    const message = `The part '${option("name")}' has no 'user' option.`;
    throw new BuildoutError("missing-option", message, {
      hint: "Set it to the login user of the new machine, which gets your key.",
    });
  }
  const choice = await choose(account);
  const { file, publicKey } = await api.identity();
  const name = machineName();
  const former = own.read();
  // An interrupted request may have succeeded: repeat it with the same token.
  const isRepeated = former !== undefined && former.id === undefined;
  const token = isRepeated ? former.token : randomUUID();
  warnOfFormer(account);
  own.forget();
  own.write({ provider: account.name, token, ordered: Date.now() });
  api.note(`Requesting ${describeChoice(account, choice)}`);
  try {
    const made = await account.order({
      ...{ name, token, publicKey },
      size: choice.size.id,
      image: choice.image.id,
      location: option("hostlocation"),
      userData: userData(user, publicKey),
      options: namedLines("create-options"),
    });
    const stays = account.name === "libvirt" ? "stays" : "is paid for";
    api.note(`${account.title} has created ${made.id}; it ${stays} until 'destroy'`);
    if (made.key === "none") {
      api.warn(
        `${account.title} does not accept keys: the image must authorize ${file} for ${user}`,
      );
    }
    note(own, account, made);
    return made;
  } catch (error) {
    if (error instanceof BuildoutError && (await nothingMade(account, error))) own.forget();
    else {
      const again = `'bin/hostout ${option("name")} create' finds it, ${removal()}`;
      api.warn(`The request may have succeeded, and the machine may cost money: ${again}`);
    }
    throw error;
  }
}

/** Seconds to wait for a machine. Throws `invalid-option`. */
export function patience(): number {
  const text = option("hosttimeout");
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new BuildoutError(
    "invalid-option",
    `${option("name")}:hosttimeout: '${text}' is not a number of seconds.`,
  );
}

/** States that waiting does not fix: of any machine, and of an existing one. */
const LOST = new Set(["error", "terminated"]);
const RESTING = new Set(["stopped", "paused", "suspended"]);

/** Throws `machine-failed`, `machine-gone`, `machine-not-up`; the machine is kept. */
async function waitUntilUp(account: Account, machine: Machine, own: Records): Promise<Machine> {
  if (RESTING.has(machine.state)) throw resting(account, machine);
  const started = Date.now();
  const end = started + patience() * 1000;
  let said = 0;
  let state = "";
  let isListed = false;
  const wait = looks();
  for (let now: Machine | undefined = machine; ; ) {
    // A new machine may appear in the list some seconds later.
    const isLate: boolean = now === undefined && !isListed && Date.now() - started < LISTING;
    if (now === undefined && !isLate) throw gone(account, machine);
    now ??= machine;
    if (LOST.has(now.state)) throw lost(account, now);
    const address = addressOfMachine(now);
    if (now.state === "running" && address !== undefined) {
      note(own, account, now);
      return now;
    }
    if (now.state !== state || Date.now() - said > WORD) {
      const what =
        now.state === "running" ? "is running, but has no address yet" : `is ${now.state}`;
      api.note(`${now.id} ${what}`);
      said = Date.now();
      state = now.state;
    }
    if (Date.now() >= end) throw notUp(account, now);
    await wait();
    now = (await account.machines()).find(({ id }) => id === machine.id);
    isListed ||= now !== undefined;
  }
}

const removal = () => `'bin/hostout ${option("name")} destroy' removes it`;

function gone({ title }: Account, { id }: Machine): BuildoutError {
  return new BuildoutError("machine-gone", `${title} no longer has the machine ${id}.`, {
    hint: "Run the same command again for a new one.",
  });
}

function lost({ title }: Account, { id, state }: Machine): BuildoutError {
  return new BuildoutError(
    "machine-failed",
    `The machine ${id} of ${title} is in the state '${state}'.`,
    {
      hint: `It may cost money as long as it exists: ${removal()}.`,
    },
  );
}

function resting({ title }: Account, { id, state }: Machine): BuildoutError {
  return new BuildoutError("machine-failed", `The machine ${id} of ${title} is '${state}'.`, {
    hint: `Start it there, with a tool of the provider, and run the same command again; ${removal()}.`,
  });
}

function notUp({ title }: Account, machine: Machine): BuildoutError {
  const { id, state } = machine;
  const what = state === "running" ? "has no address" : `is still '${state}'`;
  const message = `The machine ${id} of ${title} ${what} after ${patience()} s. It is kept, and costs money.`;
  return new BuildoutError("machine-not-up", message, {
    hint: `Run the same command again to keep waiting; ${removal()}.`,
  });
}

/** Removes the machine, and what was created along with it. */
export async function removeMachine(account: Account, machine: Machine): Promise<void> {
  const own = records();
  await account.destroy(machine.id);
  const end = Date.now() + patience() * 1000;
  const wait = looks();
  for (;;) {
    const now = (await account.machines()).find(({ id }) => id === machine.id);
    if (now === undefined || now.isGone) break;
    if (Date.now() >= end) throw stillThere(account, now);
    await wait();
  }
  own.forget();
  api.note(`${account.title} has removed ${machine.id}`);
  const name = machineName();
  const closing = Date.now() + CLOSING;
  while (!(await account.closeGroup(name))) {
    if (Date.now() >= closing) {
      api.warn(
        `The security group ${name} still exists, because something uses it. It costs nothing`,
      );
      return;
    }
    await wait();
  }
}

function stillThere({ title }: Account, { id, state }: Machine): BuildoutError {
  const message = `${title} still has the machine ${id}, in the state '${state}', after ${patience()} s.`;
  return new BuildoutError("machine-failed", message, {
    hint: `It may still cost money: check there, or run 'bin/hostout ${option("name")} destroy' again.`,
  });
}
