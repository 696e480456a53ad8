import { readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { join } from "node:path";
import ssh2, { type AuthContext, type Connection } from "ssh2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../../src/ssh/connect.ts";
import type { HostTarget, Interaction } from "../../../src/ssh/target.ts";
import {
  makeKey,
  nobody,
  scratchFolder,
  sshdMissing,
  startSshdServer,
  targetOf,
} from "../../support/servers.ts";

let folder: string;
let hostKey: Buffer;
beforeAll(async () => {
  folder = await scratchFolder();
  hostKey = readFileSync(makeKey(join(folder, "host_key")));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * A host that decides about each request with `decide`. What it sends after it has agreed to the service is
 * only delivered once the first request is there.
 */
async function host(decide: (context: AuthContext) => void) {
  const methods: string[] = [];
  const keys: Buffer[] = [];
  let isHeld = false;
  let held: (() => void)[] = [];
  const debug = (line: string) => {
    if (line.startsWith("Outbound: Sending SERVICE_ACCEPT")) isHeld = true;
    if (!line.startsWith("Inbound: Received USERAUTH_REQUEST")) return;
    isHeld = false;
    for (const deliver of held) deliver();
    held = [];
  };
  const server = new ssh2.Server({ hostKeys: [hostKey], debug }, (client: Connection) => {
    client.on("error", () => {});
    client.on("authentication", (context: AuthContext) => {
      methods.push(context.method);
      if (context.method === "publickey") keys.push(context.key.data);
      decide(context);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const line = createServer((near: Socket) => {
    const far = createConnection((server.address() as { port: number }).port, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => {});
    near.pipe(far);
    far.on("data", (data) => {
      if (isHeld) held.push(() => near.write(data));
      else near.write(data);
    });
    far.on("close", () => near.destroy());
    near.on("close", () => far.destroy());
  });
  await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
  const target: HostTarget = {
    ...{ host: "127.0.0.1", port: (line.address() as { port: number }).port },
    ...{ user: "u", acceptNew: true, sshConfigFile: "/dev/null" },
  };
  return {
    async logIn(more: Partial<HostTarget>, person: Interaction = nobody(folder)) {
      const there = await connect({ ...target, ...more }, person);
      await there.close();
    },
    /** What was asked for, in turn. */
    methods,
    keys,
    async close() {
      await new Promise((resolve) => line.close(resolve));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function publicKey(file: string): Buffer {
  const key = ssh2.utils.parseKey(readFileSync(file));
  if (key instanceof Error) throw key;
  return key.getPublicSSH();
}

describe("a login in one round trip", () => {
  // A host says which algorithms it takes for RSA keys after the key exchange.
  test.each(["ed25519", "rsa"])("with a key (%s)", async (type) => {
    const key = makeKey(join(folder, `first_${type}`), "", type);
    const { logIn, methods, close } = await host((context) =>
      context.method === "publickey" ? context.accept() : context.reject(["publickey"]),
    );
    await logIn({ identityFile: key });
    expect(methods).toEqual(["publickey"]);
    await close();
  });

  test("without anything, where the host allows that", async () => {
    const { logIn, methods, close } = await host((context) => context.accept());
    await logIn({});
    expect(methods).toEqual(["none"]);
    await close();
  });
});

describe("the first key", () => {
  test("does not go first if a password is known and the host may take no keys", async () => {
    const { logIn, methods, close } = await host((context) =>
      context.method === "password" ? context.accept() : context.reject(["password"]),
    );
    await logIn({ identityFile: makeKey(join(folder, "unused")), password: "secret" });
    expect(methods).toEqual(["none", "password"]);
    await close();
  });

  test("does not go first if it is not the first choice", async () => {
    const { logIn, methods, close } = await host((context) =>
      context.method === "publickey" ? context.accept() : context.reject(["publickey"]),
    );
    const config = join(folder, "preferred");
    writeFileSync(config, "PreferredAuthentications keyboard-interactive,publickey\n");
    await logIn({ identityFile: makeKey(join(folder, "second")), sshConfigFile: config });
    expect(methods).toEqual(["none", "publickey"]);
    await close();
  });

  test("may be refused: what the host takes follows", async () => {
    const { logIn, methods, close } = await host((context) =>
      context.method === "password" ? context.accept() : context.reject(["password"]),
    );
    const person = { ...nobody(folder), ask: async () => "typed" };
    await logIn({ identityFile: makeKey(join(folder, "vain")) }, person);
    expect(methods).toEqual(["publickey", "password"]);
    await close();
  });

  test("may be the first of two proofs that the host wants", async () => {
    const { logIn, methods, close } = await host((context) => {
      if (context.method === "password") context.accept();
      else if (context.method === "publickey") context.reject(["password"], true);
      else context.reject(["publickey"]);
    });
    const identityFile = makeKey(join(folder, "half"));
    await logIn({ identityFile }, { ...nobody(folder), ask: async () => "typed" });
    await logIn({ identityFile, password: "known" });
    expect(methods).toEqual(["publickey", "password", "none", "publickey", "password"]);
    await close();
  });

  test("is offered once, before the other keys", async () => {
    const files = ["one", "two"].map((name) => makeKey(join(folder, name)));
    const [first, second] = files.map(publicKey);
    const { logIn, methods, keys, close } = await host((context) =>
      context.method === "publickey" && context.key.data.equals(second!)
        ? context.accept()
        : context.reject(["publickey"]),
    );
    const config = join(folder, "two_keys");
    writeFileSync(config, files.map((file) => `IdentityFile ${file}\n`).join(""));
    await logIn({ sshConfigFile: config });
    expect(methods).toEqual(["publickey", "publickey"]);
    expect(keys).toEqual([first, second]);
    await close();
  });

  test("may be refused by a host that asks for nothing", async () => {
    const { logIn, methods, close } = await host((context) =>
      context.method === "none" ? context.accept() : context.reject([]),
    );
    await logIn({ identityFile: makeKey(join(folder, "open")) });
    expect(methods).toEqual(["publickey", "none"]);
    await close();
  });

  test.skipIf(sshdMissing)("is named if the host ends the connection after it", async () => {
    const server = await startSshdServer(["MaxAuthTries 1"]);
    const target = { ...targetOf(server, folder), identityFile: makeKey(join(folder, "refused")) };
    await expect(connect(target, nobody(folder))).rejects.toMatchObject({
      code: "authentication-failed",
      message: expect.stringMatching(/tried key .*refused; .*Too many authentication failures/),
    });
    await server.close();
  });
});
