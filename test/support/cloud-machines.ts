/** Machines of a provider that a test replaces: SSH servers, each with its own address, all with one port. */
import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "../../src/ssh/sandbox/sandbox.ts";
import { type BareHost, startBareHost } from "./hosts/host.ts";
import { NODE_PACKAGES } from "./hosts/root.ts";

/** The properties of machines ordered from now on. */
export interface Behavior {
  /** How many queries it takes until it runs. */
  looks: number;
  /** How often lists leave it out at first. */
  hides: number;
  /** Whether its console shows its host keys, and after how many reads; or those of another machine. */
  console: number | "never" | "wrong";
  /** How many connections it drops after it has started, and how many logins it refuses after these. */
  drops: number;
  refusals: number;
  /** It stays in its initial state. */
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

/** An SSH server that accepts `keys` for `user`. */
interface SshServer {
  host: string;
  port: number;
  hostKey: string;
  letIn(keys: readonly string[]): void;
  close(): Promise<void>;
}

/** Creates the machine itself: a directory of a sandbox, or a Debian host. */
export type MakeServer = (root: string, user: string) => Promise<SshServer>;

const sandboxServer: MakeServer = async (root, user) => {
  await mkdir(join(root, ".ssh"), { recursive: true, mode: 0o700 });
  const letIn = (keys: readonly string[]) =>
    writeFileSync(join(root, ".ssh/authorized_keys"), `${keys.join("\n")}\n`, { mode: 0o600 });
  return { ...(await startSandbox({ root, user })), letIn };
};

/** Debian with sshd, whose user is `admin`. It installs a new key like cloud-init. */
export const debianServer: MakeServer = async () => {
  const host: BareHost = await startBareHost({
    ...{ network: "own", sudo: "nopasswd", packages: NODE_PACKAGES },
  });
  const letIn = (keys: readonly string[]) =>
    void host.run("cat > /home/admin/.ssh/authorized_keys", `${keys.join("\n")}\n`);
  letIn([]);
  const { host: address, port, hostKey } = host;
  return { host: address, port, hostKey, letIn, close: () => host.close() };
};

/** A running SSH server, reachable at an address that can change. */
export interface Place {
  server: SshServer;
  /** Gives it another address. */
  move(): Promise<string>;
  close(): Promise<void>;
}

const OTHER_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

/** The text of the console after it has been read this often. */
export function consoleText(
  { console }: Behavior,
  looks: number,
  place: Place | undefined,
): string {
  const shows = console === "wrong" || (console !== "never" && looks > console);
  if (!shows || place === undefined) return "";
  const key = console === "wrong" ? OTHER_KEY : place.server.hostKey;
  return `-----BEGIN SSH HOST KEY KEYS-----\n${key} root@x\n-----END SSH HOST KEY KEYS-----\n`;
}

export class CloudMachines {
  /** At which all of them listen. */
  readonly port: number;
  readonly #folder: string;
  readonly #make: MakeServer;
  readonly #places: Place[] = [];
  #addresses = 10;

  private constructor(folder: string, port: number, make: MakeServer) {
    this.#folder = folder;
    this.#make = make;
    this.port = port;
  }

  static async start(make = sandboxServer): Promise<CloudMachines> {
    const folder = await mkdtemp(join(tmpdir(), "hostout-cloud-"));
    return new CloudMachines(folder, await freePort(), make);
  }

  /** Applies the user data like cloud-init, and starts the SSH server. */
  async boot(id: string, userData: string, behavior: Behavior): Promise<Place> {
    const root = join(this.#folder, id);
    const { users } = JSON.parse(userData.replace("#cloud-config\n", ""));
    const [{ name: user, ssh_authorized_keys: keys }] = users;
    let connections = 0;
    /** Whether a connection gets through. */
    const knock = () => {
      connections += 1;
      if (connections === behavior.drops + behavior.refusals + 1) server.letIn(keys);
      return connections > behavior.drops;
    };
    const server = await this.#make(root, user);
    let relay: Server | undefined;
    const stop = () =>
      new Promise<unknown>((resolve) => (relay === undefined ? resolve(0) : relay.close(resolve)));
    const place: Place = {
      server,
      move: async () => {
        void stop();
        this.#addresses += 1;
        const address = `127.0.0.${this.#addresses}`;
        const next = relayTo(server, knock);
        relay = next;
        await new Promise<void>((resolve) => next.listen(this.port, address, resolve));
        return address;
      },
      close: async () => {
        await server.close();
        await stop();
      },
    };
    this.#places.push(place);
    return place;
  }

  /** Ends all machines. */
  async end(): Promise<void> {
    for (const place of this.#places.splice(0)) await place.close();
  }

  async close(): Promise<void> {
    await this.end();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function relayTo({ host, port }: SshServer, knock: () => boolean): Server {
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
