/**
 * A part of EC2's API on loopback, for the real driver of libcloud. Its instances are SSH servers of their own, each
 * at an address of its own and at one port; they start with the key that the user data lets in. Over 300 lines: an
 * answer for each call.
 */
import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../src/ssh/sandbox/sandbox.ts";

export const KEY = "AKIAEXAMPLE";

/** What an instance is like that is ordered from now on. */
export interface Behavior {
  /** How often it is looked at before it runs. */
  looks: number;
  /** Whether its console shows its host keys, and after how many looks; or those of another one. */
  console: number | "never" | "wrong";
  /** How many connections it drops after it has started, and how many logins it refuses after these. */
  drops: number;
  refusals: number;
  /** It stays as it was ordered. */
  hangs: boolean;
}

interface Instance {
  id: string;
  name: string;
  token: string;
  group: string;
  image: string;
  type: string;
  state: "pending" | "running" | "shutting-down" | "terminated";
  address: string | undefined;
  userData: string;
  looks: number;
  behavior: Behavior;
  place: Place | undefined;
}

/** A running SSH server, and what leads to it. */
interface Place {
  sandbox: Sandbox;
  move(): Promise<string>;
  close(): Promise<void>;
}

interface Fault {
  action: string;
  status: number;
  code: string;
  message: string;
  times: number;
  /** The call is done all the same, and the answer is lost. */
  isDone: boolean;
}

type Params = URLSearchParams;

export class Ec2Endpoint {
  readonly instances: Instance[] = [];
  readonly groups = new Map<string, string>();
  /** Names of the calls so far. */
  readonly calls: string[] = [];
  behavior: Behavior = { looks: 2, console: 1, drops: 0, refusals: 0, hangs: false };
  /** At which all instances listen. */
  port = 0;
  readonly #faults: Fault[] = [];
  readonly #server: Server;
  readonly #folder: string;
  #addresses = 10;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  static async start(): Promise<Ec2Endpoint> {
    const folder = await mkdtemp(join(tmpdir(), "hostout-ec2-"));
    const server = createServer((request, response) => void endpoint.#serve(request, response));
    const endpoint = new Ec2Endpoint(server, folder);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint.port = await freePort();
    return endpoint;
  }

  /** Lines of `driver-options`. */
  get options(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `host = 127.0.0.1\nport = ${port}\nsecure = false\nsignature_version = "4"`;
  }

  /** The instances of a name that cost money. */
  alive(name: string): Instance[] {
    return this.instances.filter((one) => one.name === name && one.state !== "terminated");
  }

  /** Lets the next calls fail; with `isDone` only their answers get lost. */
  fail(action: string, fault: Partial<Omit<Fault, "action">>): void {
    const usual = { status: 400, code: "Failed", message: "It failed.", times: 1, isDone: false };
    this.#faults.push({ action, ...usual, ...fault });
  }

  /** An instance that somebody else has made. */
  add(name: string): Instance {
    const instance: Instance = {
      ...{ id: `i-${String(this.instances.length + 1).padStart(8, "0")}`, name, token: "" },
      ...{ group: "", image: "ami-1", type: "t3.micro", state: "running", address: "192.0.2.9" },
      ...{ userData: "", looks: 0, behavior: this.behavior, place: undefined },
    };
    this.instances.push(instance);
    return instance;
  }

  /** The machine is at another address from now on, as after a restart. */
  async move(instance: Instance): Promise<void> {
    instance.address = await instance.place!.move();
  }

  async close(): Promise<void> {
    for (const { place } of this.instances) await place?.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { searchParams } = new URL(request.url ?? "/", "http://x");
    for (const [name, value] of new URLSearchParams(body)) searchParams.set(name, value);
    const action = searchParams.get("Action") ?? "";
    this.calls.push(action);
    const answer = (status: number, text: string) =>
      response.writeHead(status, { "content-type": "text/xml" }).end(text);
    const problem = (status: number, code: string, message: string) =>
      answer(
        status,
        `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors></Response>`,
      );
    const isKnown = request.headers.authorization?.includes(`Credential=${KEY}/`);
    if (!isKnown) {
      problem(401, "AuthFailure", "AWS was not able to validate the provided access credentials");
      return;
    }
    const fault = this.#faults.find((one) => one.action === action && one.times > 0);
    if (fault !== undefined) fault.times -= 1;
    if (fault !== undefined && !fault.isDone) {
      problem(fault.status, fault.code, fault.message);
      return;
    }
    try {
      const text = await this.#answer(action, searchParams);
      if (fault !== undefined) response.destroy();
      else answer(200, document(action, text));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problem(400, error.code, error.message);
    }
  }

  async #answer(action: string, params: Params): Promise<string> {
    switch (action) {
      case "DescribeInstances":
        for (const one of this.instances) await this.#look(one);
        return `<reservationSet>${this.instances.map((one) => item(`<instancesSet>${item(described(one))}</instancesSet>`)).join("")}</reservationSet>`;
      case "DescribeAddresses":
        return "<addressesSet/>";
      case "DescribeImages":
        return `<imagesSet>${images(params).join("")}</imagesSet>`;
      case "DescribeSecurityGroups":
        return this.#describeGroups(params);
      case "CreateSecurityGroup":
        this.groups.set(params.get("GroupName")!, params.get("GroupDescription")!);
        return "<return>true</return><groupId>sg-1</groupId>";
      case "AuthorizeSecurityGroupIngress":
        return "<return>true</return>";
      case "DeleteSecurityGroup":
        return this.#deleteGroup(params.get("GroupName")!);
      case "RunInstances":
        return `<instancesSet>${item(described(this.#run(params)))}</instancesSet>`;
      case "RebootInstances":
        this.#find(params);
        return "<return>true</return>";
      case "TerminateInstances": {
        const instance = this.#find(params);
        await instance.place?.close();
        Object.assign(instance, { state: "shutting-down", address: undefined, place: undefined });
        return `<instancesSet>${item(`<instanceId>${instance.id}</instanceId><currentState><code>32</code><name>shutting-down</name></currentState>`)}</instancesSet>`;
      }
      case "GetConsoleOutput":
        return consoleOf(this.#find(params));
      default:
        throw new Refusal("InvalidAction", `The action ${action} is not valid`);
    }
  }

  #describeGroups(params: Params): string {
    const wanted = params.get("GroupName.1");
    if (wanted !== null && !this.groups.has(wanted)) {
      throw new Refusal("InvalidGroup.NotFound", `The security group '${wanted}' does not exist`);
    }
    const all = [...this.groups].filter(([name]) => wanted === null || name === wanted);
    const items = all.map(([name, text]) =>
      item(
        `<groupId>sg-${name}</groupId><groupName>${name}</groupName><groupDescription>${text}</groupDescription>`,
      ),
    );
    return `<securityGroupInfo>${items.join("")}</securityGroupInfo>`;
  }

  #deleteGroup(name: string): string {
    const isUsed = this.instances.some((one) => one.group === name && one.state !== "terminated");
    if (isUsed) throw new Refusal("DependencyViolation", "resource has a dependent object");
    this.groups.delete(name);
    return "<return>true</return>";
  }

  #run(params: Params): Instance {
    const token = params.get("ClientToken") ?? "";
    const known = this.instances.find((one) => token !== "" && one.token === token);
    if (known !== undefined) return known;
    const image = params.get("ImageId")!;
    if (image !== IMAGE) {
      throw new Refusal("InvalidAMIID.NotFound", `The image id '[${image}]' does not exist`);
    }
    const instance = this.add(params.get("TagSpecification.1.Tag.1.Value")!);
    return Object.assign(instance, {
      ...{ token, image, state: "pending", address: undefined, behavior: { ...this.behavior } },
      group: params.get("SecurityGroup.1") ?? "",
      type: params.get("InstanceType")!,
      userData: Buffer.from(params.get("UserData") ?? "", "base64").toString(),
    });
  }

  #find(params: Params): Instance {
    const id = params.get("InstanceId.1") ?? params.get("InstanceId");
    const found = this.instances.find((one) => one.id === id);
    if (found !== undefined) return found;
    throw new Refusal("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
  }

  /** Time goes on with each look. */
  async #look(instance: Instance): Promise<void> {
    instance.looks += 1;
    if (instance.state === "shutting-down") instance.state = "terminated";
    const { behavior, looks, state } = instance;
    if (state !== "pending" || behavior.hangs || looks <= behavior.looks) return;
    instance.state = "running";
    instance.looks = 0;
    instance.place = await this.#boot(instance);
    instance.address = await instance.place.move();
  }

  /** What cloud-init does with the user data, and the SSH server. */
  async #boot({ id, userData, behavior }: Instance): Promise<Place> {
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
    let relay: Server | ReturnType<typeof createTcpServer> | undefined;
    const stop = () =>
      new Promise((resolve) => (relay ? relay.close(resolve) : resolve(undefined)));
    return {
      sandbox,
      move: async () => {
        void stop();
        this.#addresses += 1;
        const address = `127.0.0.${this.#addresses}`;
        relay = createTcpServer((incoming) => {
          if (!knock()) {
            incoming.destroy();
            return;
          }
          const onward = connect(sandbox.port, sandbox.host);
          incoming.pipe(onward).pipe(incoming);
          for (const one of [incoming, onward]) {
            one.on("error", () => {
              incoming.destroy();
              onward.destroy();
            });
          }
        });
        await new Promise<void>((resolve) => relay!.listen(this.port, address, resolve));
        return address;
      },
      close: async () => {
        await sandbox.close();
        await stop();
      },
    };
  }
}

class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The only image. */
export const IMAGE = "ami-0debian12";
const IMAGE_NAME = "debian-12-amd64";

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const item = (text: string) => `<item>${text}</item>`;

const document = (action: string, text: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>${text}</${action}Response>`;

function images(params: Params): string[] {
  const id = params.get("ImageId.1");
  if (id !== null && id !== IMAGE) {
    throw new Refusal("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
  }
  return [item(`<imageId>${IMAGE}</imageId><name>${IMAGE_NAME}</name>`)];
}

const OTHER_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

const CODES = { pending: 0, running: 16, "shutting-down": 32, terminated: 48 };

function described({ id, name, image, type, state, address }: Instance): string {
  return [
    `<instanceId>${id}</instanceId><imageId>${image}</imageId><instanceType>${type}</instanceType>`,
    `<instanceState><code>${CODES[state]}</code><name>${state}</name></instanceState>`,
    address === undefined ? "" : `<ipAddress>${address}</ipAddress>`,
    "<launchTime>2026-01-01T00:00:00.000Z</launchTime>",
    `<tagSet>${item(`<key>Name</key><value>${name}</value>`)}</tagSet>`,
  ].join("");
}

function consoleOf(instance: Instance): string {
  const { behavior, place, id } = instance;
  instance.looks += 1;
  const { console } = behavior;
  const shows = console === "wrong" || (console !== "never" && instance.looks > console);
  const key = console === "wrong" ? OTHER_KEY : place?.sandbox.hostKey;
  const text = shows
    ? `-----BEGIN SSH HOST KEY KEYS-----\n${key} root@x\n-----END SSH HOST KEY KEYS-----\n`
    : "";
  const encoded = Buffer.from(text).toString("base64");
  return `<instanceId>${id}</instanceId><timestamp>2026-01-01T00:00:00.000Z</timestamp><output>${encoded}</output>`;
}
