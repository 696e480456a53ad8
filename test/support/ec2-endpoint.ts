/** A part of EC2's API on loopback, for the real driver of libcloud. Its instances can be logged in to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  BEHAVIOR,
  type Behavior,
  CloudMachines,
  consoleText,
  type MakeServer,
  type Place,
} from "./cloud-machines.ts";

export const KEY = "AKIAEXAMPLE";

interface Instance {
  id: string;
  name: string;
  token: string;
  group: string;
  image: string;
  type: string;
  state: "pending" | "running" | "shutting-down" | "stopped" | "terminated";
  address: string | undefined;
  userData: string;
  looks: number;
  behavior: Behavior;
  place: Place | undefined;
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
  behavior: Behavior = { ...BEHAVIOR };
  readonly #faults: Fault[] = [];
  readonly #server: Server;
  readonly #machines: CloudMachines;

  private constructor(server: Server, machines: CloudMachines) {
    this.#server = server;
    this.#machines = machines;
  }

  static async start(make?: MakeServer): Promise<Ec2Endpoint> {
    const machines = await CloudMachines.start(make);
    const server = createServer((request, response) => void endpoint.#serve(request, response));
    const endpoint = new Ec2Endpoint(server, machines);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return endpoint;
  }

  /** At which all instances listen. */
  get port(): number {
    return this.#machines.port;
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

  /** Makes the next calls fail; with `isDone`, only their responses get lost. */
  fail(action: string, fault: Partial<Omit<Fault, "action">>): void {
    const usual = { status: 400, code: "Failed", message: "It failed.", times: 1, isDone: false };
    this.#faults.push({ action, ...usual, ...fault });
  }

  /** An instance created by somebody else. */
  add(name: string): Instance {
    const instance: Instance = {
      ...{ id: `i-${String(this.instances.length + 1).padStart(8, "0")}`, name, token: "" },
      ...{ group: "", image: "ami-1", type: "t3.micro", state: "running", address: "192.0.2.9" },
      ...{ userData: "", looks: 0, behavior: { ...this.behavior }, place: undefined },
    };
    this.instances.push(instance);
    return instance;
  }

  /** The machine is at another address from now on, as after a restart. */
  async move(instance: Instance): Promise<void> {
    instance.address = await instance.place!.move();
  }

  /** The initial state: there are no machines, and nothing fails. */
  async reset(): Promise<void> {
    await this.#machines.end();
    for (const list of [this.instances, this.calls, this.#faults]) list.length = 0;
    this.groups.clear();
    this.behavior = { ...BEHAVIOR };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#machines.close();
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
        return this.#describe();
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

  async #describe(): Promise<string> {
    for (const one of this.instances) await this.#look(one);
    const shown = this.instances.filter(({ behavior }) => behavior.hides-- <= 0);
    const items = shown.map((one) => item(`<instancesSet>${item(described(one))}</instancesSet>`));
    return `<reservationSet>${items.join("")}</reservationSet>`;
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

  /** Time advances with each call. */
  async #look(instance: Instance): Promise<void> {
    instance.looks += 1;
    if (instance.state === "shutting-down") instance.state = "terminated";
    const { behavior, looks, state } = instance;
    if (state !== "pending" || behavior.hangs || looks <= behavior.looks) return;
    instance.state = "running";
    instance.looks = 0;
    instance.place = await this.#machines.boot(instance.id, instance.userData, behavior);
    instance.address = await instance.place.move();
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

const CODES = { pending: 0, running: 16, "shutting-down": 32, terminated: 48, stopped: 80 };

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
  const encoded = Buffer.from(consoleText(behavior, instance.looks, place)).toString("base64");
  return `<instanceId>${id}</instanceId><timestamp>2026-01-01T00:00:00.000Z</timestamp><output>${encoded}</output>`;
}
