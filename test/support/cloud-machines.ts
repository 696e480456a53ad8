/** Machines of a provider that a test stands in for: SSH servers, each at an address of its own and at one port. */
import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../src/ssh/sandbox/sandbox.ts";

/** What a machine is like that is ordered from now on. */
export interface Behavior {
  /** How often it is looked at before it runs. */
  looks: number;
  /** How often lists leave it out at first. */
  hides: number;
  /** Whether its console shows its host keys, and after how many looks; or those of another one. */
  console: number | "never" | "wrong";
  /** How many connections it drops after it has started, and how many logins it refuses after these. */
  drops: number;
  refusals: number;
  /** It stays as it was ordered. */
  hangs: boolean;
}

export const BEHAVIOR: Behavior = {
  looks: 2,
  hides: 0,
  console: 1,
  drops: 0,
  refusals: 0,
  hangs: false,
};

/** A running SSH server, and what leads to it. */
export interface Place {
  sandbox: Sandbox;
  /** Gives it another address. */
  move(): Promise<string>;
  close(): Promise<void>;
}

const OTHER_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

/** What the console shows that has been looked at so often. */
export function consoleText(
  { console }: Behavior,
  looks: number,
  place: Place | undefined,
): string {
  const shows = console === "wrong" || (console !== "never" && looks > console);
  if (!shows || place === undefined) return "";
  const key = console === "wrong" ? OTHER_KEY : place.sandbox.hostKey;
  return `-----BEGIN SSH HOST KEY KEYS-----\n${key} root@x\n-----END SSH HOST KEY KEYS-----\n`;
}

export class CloudMachines {
  /** At which all of them listen. */
  readonly port: number;
  readonly #folder: string;
  readonly #places: Place[] = [];
  #addresses = 10;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  static async start(): Promise<CloudMachines> {
    const folder = await mkdtemp(join(tmpdir(), "hostout-cloud-"));
    return new CloudMachines(folder, await freePort());
  }

  /** What cloud-init does with the user data, and the SSH server. */
  async boot(id: string, userData: string, behavior: Behavior): Promise<Place> {
    const root = join(this.#folder, id);
    const { users } = JSON.parse(userData.replace("#cloud-config\n", ""));
    const [{ name: user, ssh_authorized_keys: keys }] = users;
    await mkdir(join(root, ".ssh"), { recursive: true, mode: 0o700 });
    const letIn = () =>
      writeFileSync(join(root, ".ssh/authorized_keys"), `${keys.join("\n")}\n`, { mode: 0o600 });
    let connections = 0;
    /** Whether a connection gets through. */
    const knock = () => {
      connections += 1;
      if (connections === behavior.drops + behavior.refusals + 1) letIn();
      return connections > behavior.drops;
    };
    const sandbox = await startSandbox({ root, user });
    let relay: Server | undefined;
    const stop = () =>
      new Promise<unknown>((resolve) => (relay === undefined ? resolve(0) : relay.close(resolve)));
    const place: Place = {
      sandbox,
      move: async () => {
        void stop();
        this.#addresses += 1;
        const address = `127.0.0.${this.#addresses}`;
        const next = relayTo(sandbox, knock);
        relay = next;
        await new Promise<void>((resolve) => next.listen(this.port, address, resolve));
        return address;
      },
      close: async () => {
        await sandbox.close();
        await stop();
      },
    };
    this.#places.push(place);
    return place;
  }

  async close(): Promise<void> {
    for (const place of this.#places) await place.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function relayTo({ host, port }: Sandbox, knock: () => boolean): Server {
  return createServer((incoming) => {
    if (!knock()) {
      incoming.destroy();
      return;
    }
    const onward = connect(port, host);
    incoming.pipe(onward).pipe(incoming);
    for (const one of [incoming, onward]) {
      one.on("error", () => {
        incoming.destroy();
        onward.destroy();
      });
    }
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
