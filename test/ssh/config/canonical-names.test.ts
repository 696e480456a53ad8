import { spawn, spawnSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalName } from "../../../src/ssh/config/canonical.ts";
import { effectiveConfig } from "../../../src/ssh/config/effective.ts";
import { keywordNamed } from "../../../src/ssh/config/keywords.ts";
import { Settings } from "../../../src/ssh/config/settings.ts";
import { isRoot } from "../../support/servers.ts";

/** The names that a resolver knows, each with the name it resolves to. */
const NAMES: Record<string, string> = {
  "web.example.org": "web.example.org",
  "web.example.net": "web.example.net",
  "alias.example.org": "real.example.com",
  "a.b.example.org": "a.b.example.org",
  local: "local",
};

function canonical(name: string, config: Record<string, string>): Promise<string> {
  const settings = new Settings();
  for (const [keyword, value] of Object.entries({ CanonicalizeHostname: "yes", ...config })) {
    settings.add({
      keyword: keywordNamed(keyword)!,
      values: value.split(" "),
      location: { file: "f" },
    });
  }
  return canonicalName(name, settings, async (asked) => NAMES[asked.replace(/\.$/, "")]);
}

const DOMAINS = { CanonicalDomains: "example.com example.org example.net" };

test.each<[string, string, Record<string, string>, string]>([
  ["is found in the first domain that has it", "web", DOMAINS, "web.example.org"],
  ["is itself where none has it", "local", DOMAINS, "local"],
  ["with as many dots as allowed is looked for", "a.b", DOMAINS, "a.b.example.org"],
  ["with more is complete", "a.b", { ...DOMAINS, CanonicalizeMaxDots: "0" }, "a.b"],
  ["is left alone behind a proxy", "web", { ...DOMAINS, ProxyJump: "gate" }, "web"],
  [
    "is looked for behind a proxy where it says 'always'",
    ...(["web", { ...DOMAINS, ProxyJump: "gate", CanonicalizeHostname: "always" }] as const),
    "web.example.org",
  ],
  [
    "is left alone without CanonicalizeHostname",
    "web",
    { ...DOMAINS, CanonicalizeHostname: "no" },
    "web",
  ],
  ["that is an alias stays", "alias", DOMAINS, "alias.example.org"],
  [
    "that is an alias is followed where that is permitted",
    ...([
      "alias",
      { ...DOMAINS, CanonicalizePermittedCNAMEs: "*.example.org:*.example.com" },
    ] as const),
    "real.example.com",
  ],
  [
    "that is an alias stays where another is permitted",
    ...([
      "alias",
      { ...DOMAINS, CanonicalizePermittedCNAMEs: "*.example.org:*.example.net" },
    ] as const),
    "alias.example.org",
  ],
])("a name %s", async (_, name, config, expected) => {
  expect(await canonical(name, config)).toBe(expected);
});

test("a name in no domain is an error if CanonicalizeFallbackLocal is 'no'", async () => {
  await expect(
    canonical("local", { ...DOMAINS, CanonicalizeFallbackLocal: "no" }),
  ).rejects.toMatchObject({
    code: "ssh-config-invalid",
    message: expect.stringContaining("'local'"),
  });
});

/** Answers questions for the addresses of NAMES (RFC 1035), all of which are 192.0.2.1. */
function answer(question: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (; question[at] !== 0; at += question[at]! + 1) {
    labels.push(question.toString("latin1", at + 1, at + 1 + question[at]!));
  }
  const asked = question.subarray(12, at + 5);
  const type = question.readUInt16BE(at + 1);
  const name = labels.join(".").toLowerCase();
  const target = NAMES[name];
  const wire = (text: string) =>
    Buffer.concat(
      [...text.split("."), ""].map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    );
  const record = (owner: string, kind: number, data: Buffer) =>
    Buffer.concat([wire(owner), Buffer.from([0, kind, 0, 1, 0, 0, 0, 0, 0, data.length]), data]);
  const records = [
    ...(target === undefined || target === name ? [] : [record(name, 5, wire(target))]),
    ...(target === undefined || type !== 1 ? [] : [record(target, 1, Buffer.from([192, 0, 2, 1]))]),
  ];
  const code = target === undefined ? 3 : 0;
  const head = [0x81, 0x80 | code, 0, 1, 0, records.length, 0, 0, 0, 0];
  return Buffer.concat([question.subarray(0, 2), Buffer.from(head), asked, ...records]);
}

const missing =
  isRoot && process.platform === "linux" && spawnSync("ssh", ["-V"]).error === undefined
    ? undefined
    : "needs root, for a resolver of its own, and ssh";
if (missing && process.env.CI) throw new Error(missing);

describe.skipIf(missing)("ssh finds the same name", () => {
  let server: Socket;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "hostout-names-"));
    server = createSocket("udp4");
    server.on("message", (question, { port, address }) =>
      server.send(answer(question), port, address),
    );
    // Any unused address of the loopback network; the port is fixed.
    const byte = () => 1 + Math.floor(Math.random() * 250);
    const address = `127.${byte()}.${byte()}.${byte()}`;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).bind(53, address, resolve);
    });
    writeFileSync(join(folder, "resolv.conf"), `nameserver ${address}\noptions attempts:1\n`);
  });
  afterAll(async () => {
    await new Promise<void>((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  function ofSsh(name: string, config: Record<string, string>): Promise<string> {
    const file = join(folder, "config");
    const lines = Object.entries({ CanonicalizeHostname: "yes", ...config });
    writeFileSync(file, lines.map((line) => line.join(" ")).join("\n"));
    const inside = `mount --bind ${folder}/resolv.conf /etc/resolv.conf; exec ssh -F ${file} -G ${name}`;
    const child = spawn("unshare", ["--mount", "sh", "-ec", inside], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    child.stdout.on("data", (data) => {
      said += data;
    });
    return new Promise((resolve) =>
      child.once("close", (status) =>
        resolve(status === 0 ? /^hostname (.*)$/m.exec(said)![1]! : "error"),
      ),
    );
  }

  const ALIASES = "CanonicalizePermittedCNAMEs";
  test.each<[string, Record<string, string>]>([
    ["web", DOMAINS],
    ["WEB", DOMAINS],
    ["nobody", DOMAINS],
    ["a.b", DOMAINS],
    ["a.b", { ...DOMAINS, CanonicalizeMaxDots: "0" }],
    ["web.example.org.", DOMAINS],
    ["web", { ...DOMAINS, ProxyJump: "gate" }],
    ["web", { ...DOMAINS, ProxyCommand: "none" }],
    ["web", { ...DOMAINS, ProxyJump: "gate", CanonicalizeHostname: "always" }],
    ["alias", DOMAINS],
    ["alias", { ...DOMAINS, [ALIASES]: "*.example.org:*.example.com" }],
    ["alias", { ...DOMAINS, [ALIASES]: "*.example.org:*.example.net" }],
    ["alias", { ...DOMAINS, [ALIASES]: "*" }],
    ["alias", { ...DOMAINS, [ALIASES]: "none" }],
    ["alias", { ...DOMAINS, [ALIASES]: "x:y !alias*,*:*" }],
    ["alias", { ...DOMAINS, [ALIASES]: "x:y ALIAS.*:real.*,z", ProxyJump: "gate" }],
    ["alias.example.org", { [ALIASES]: "*:*" }],
    ["alias.example.org", { [ALIASES]: "*:*", CanonicalizeHostname: "no" }],
    ["nobody", { ...DOMAINS, CanonicalizeFallbackLocal: "no" }],
    ["web", { CanonicalDomains: "none" }],
    ["192.0.2.7", DOMAINS],
  ])("for %s with %o", async (name, config) => {
    const file = join(folder, "ours");
    const lines = Object.entries({ CanonicalizeHostname: "yes", ...config });
    writeFileSync(file, lines.map((line) => line.join(" ")).join("\n"));
    const ours = await effectiveConfig({
      host: name,
      files: [{ path: file, includesFrom: folder, ownersOnly: false }],
      local: { home: folder, user: "me", uid: 0, hostname: "here", addresses: [], env: {} },
      succeeds: async () => false,
      lookup: async (asked) => NAMES[asked.replace(/\.$/, "")],
    }).then(
      ({ hostName }) => hostName,
      () => "error",
    );
    expect(ours).toBe(await ofSsh(name, config));
  });
});
