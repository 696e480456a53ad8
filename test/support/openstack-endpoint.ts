/** Keystone, Nova and Glance on loopback, as far as the real driver of libcloud needs them. Servers can be logged in to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  BEHAVIOR,
  type Behavior,
  CloudMachines,
  consoleText,
  type Place,
} from "./cloud-machines.ts";

export const USER = "demo";
const IMAGE = { id: "11111111-2222", name: "debian-12-generic" };
const TIME = "2026-01-01T00:00:00Z";

interface NovaServer {
  id: string;
  name: string;
  status: "BUILD" | "ACTIVE" | "ERROR";
  address: string | undefined;
  userData: string;
  looks: number;
  behavior: Behavior;
  place: Place | undefined;
}

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

const json = (body: unknown, status = 200): Answer => ({ status, body });

export class OpenStackEndpoint {
  readonly servers: NovaServer[] = [];
  behavior: Behavior = { ...BEHAVIOR };
  /** How many servers the project may have. */
  quota = 10;
  /** Whether new servers fail instead of running. */
  fails = false;
  /** The response to an order that it has carried out nevertheless. */
  mistake: number | undefined;
  /** Whether consoles are for others than this account. */
  hidesConsoles = false;
  readonly #server: Server;
  readonly #machines: CloudMachines;
  readonly #secret: string;
  #last = 0;

  private constructor(server: Server, machines: CloudMachines, secret: string) {
    this.#server = server;
    this.#machines = machines;
    this.#secret = secret;
  }

  static async start(secret: string): Promise<OpenStackEndpoint> {
    const machines = await CloudMachines.start();
    const server = createServer((request, response) => void endpoint.#serve(request, response));
    const endpoint = new OpenStackEndpoint(server, machines, secret);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return endpoint;
  }

  get port(): number {
    return this.#machines.port;
  }

  get #url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lines of `driver-options`. */
  get options(): string {
    return `ex_force_auth_url = ${this.#url}\nex_force_auth_version = 3.x_password\nex_tenant_name = demo`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#machines.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { pathname } = new URL(request.url ?? "/", this.#url);
    const call = `${request.method} ${pathname.replace(/\/{2,}/g, "/")}`;
    const { status, body, headers } = await this.#answer(
      call,
      text === "" ? {} : JSON.parse(text),
      request.headers["x-auth-token"] === "token",
    );
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? "" : JSON.stringify(body));
  }

  // biome-ignore lint/suspicious/noExplicitAny: the body of a request
  async #answer(call: string, body: any, isKnown: boolean): Promise<Answer> {
    if (call === "POST /v3/auth/tokens") return this.#token(body.auth.identity.password.user);
    if (!isKnown) return problem(401, "The request you have made requires authentication.");
    const [, id = ""] = /\/servers\/([^/]+)/.exec(call) ?? [];
    const server = this.servers.find((one) => one.id === id);
    if (call === "GET /nova/flavors/detail") return json({ flavors: FLAVORS });
    if (call === "GET /glance/v2/images") return json({ images: [image()] });
    if (call === `GET /glance/v2/images/${IMAGE.id}`) return json(image());
    if (call.startsWith("GET /glance/")) return problem(404, "Image not found");
    if (call === "GET /nova/servers/detail") {
      for (const one of this.servers) await this.#look(one);
      return json({ servers: this.servers.map((one) => this.#described(one)) });
    }
    if (call === "POST /nova/servers") return this.#create(body.server);
    if (server === undefined) return problem(404, `There is nothing to ${call}.`);
    if (call.startsWith("GET ")) return json({ server: this.#described(server) });
    if (call.startsWith("DELETE ")) {
      await server.place?.close();
      this.servers.splice(this.servers.indexOf(server), 1);
      return { status: 204 };
    }
    if ("os-getConsoleOutput" in body) {
      if (this.hidesConsoles) return problem(403, "Policy does not allow it to be performed.");
      server.looks += 1;
      return json({ output: consoleText(server.behavior, server.looks, server.place) });
    }
    return "reboot" in body ? { status: 202 } : problem(400, "Unknown action.");
  }

  #token({ name, password }: { name: string; password: string }): Answer {
    if (name !== USER || password !== this.#secret) {
      return problem(401, "The request you have made requires authentication.");
    }
    const service = (type: string, name: string, path: string) => ({
      ...{ type, name, id: name },
      endpoints: [{ id: name, interface: "public", region: "here", url: `${this.#url}${path}` }],
    });
    const catalog = [
      service("compute", "nova", "/nova"),
      service("image", "glance", "/glance"),
      service("network", "neutron", "/neutron"),
      service("volumev2", "cinderv2", "/cinder"),
      service("volumev3", "cinderv3", "/cinder"),
    ];
    const token = {
      ...{ methods: ["password"], roles: [], issued_at: TIME, expires_at: "2126-01-01T00:00:00Z" },
      user: { id: "u", name, domain: { id: "default", name: "Default" } },
      project: { id: "p", name: "demo", domain: { id: "default", name: "Default" } },
      catalog,
    };
    return { status: 201, body: { token }, headers: { "x-subject-token": "token" } };
  }

  #create({ name, user_data: userData = "" }: { name: string; user_data?: string }): Answer {
    if (this.servers.length >= this.quota) {
      const message = `Quota exceeded for instances: Requested 1, but already used ${this.quota} of ${this.quota} instances`;
      return problem(403, message);
    }
    this.#last += 1;
    const server: NovaServer = {
      ...{ id: `server-${this.#last}`, name, status: this.fails ? "ERROR" : "BUILD", looks: 0 },
      ...{ address: undefined, place: undefined, behavior: { ...this.behavior } },
      userData: Buffer.from(userData, "base64").toString(),
    };
    this.servers.push(server);
    if (this.mistake !== undefined) return problem(this.mistake, "Something went wrong.");
    return json({ server: { id: server.id, adminPass: "never shown", links: [] } }, 202);
  }

  async #look(server: NovaServer): Promise<void> {
    server.looks += 1;
    const { behavior, looks, status } = server;
    if (status !== "BUILD" || behavior.hangs || looks <= behavior.looks) return;
    Object.assign(server, { status: "ACTIVE", looks: 0 });
    server.place = await this.#machines.boot(server.id, server.userData, behavior);
    server.address = await server.place.move();
  }

  #described({ id, name, status, address }: NovaServer): unknown {
    return {
      ...{ id, name, status, created: TIME, updated: TIME, metadata: {}, image: IMAGE },
      ...{ tenant_id: "p", hostId: "h", flavor: { id: "1" }, user_id: "u" },
      addresses:
        address === undefined
          ? {}
          : { net: [{ addr: address, version: 4, "OS-EXT-IPS:type": "floating" }] },
      links: [{ rel: "self", href: `${this.#url}/nova/servers/${id}` }],
    };
  }
}

const FLAVORS = [
  { id: "1", name: "m1.tiny", ram: 512, disk: 1, vcpus: 1, swap: "", links: [] },
  { id: "2", name: "m1.small", ram: 2048, disk: 20, vcpus: 1, swap: "", links: [] },
];

const image = () => ({
  ...IMAGE,
  ...{ status: "active", visibility: "public", created_at: TIME, updated_at: TIME },
  ...{ min_ram: 0, min_disk: 0 },
});

const problem = (status: number, message: string): Answer =>
  json({ error: { code: status, message, title: "Problem" } }, status);
