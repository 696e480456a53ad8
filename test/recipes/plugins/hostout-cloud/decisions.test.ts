/** Decisions of hostout.cloud that are based on data, without a provider. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  chooseImage,
  chooseSize,
  type Size,
} from "../../../../recipes/plugins/hostout-cloud/choice.ts";
import { hostKeys } from "../../../../recipes/plugins/hostout-cloud/host-keys.ts";
import { addressOfMachine } from "../../../../recipes/plugins/hostout-cloud/machine.ts";
import { provider } from "../../../../recipes/plugins/hostout-cloud/provider.ts";
import { recordsOf } from "../../../../recipes/plugins/hostout-cloud/record.ts";
import { userData } from "../../../../recipes/plugins/hostout-cloud/user-data.ts";

describe("hosttype", () => {
  test.each([
    ["EC2_EU_WEST", { name: "ec2", region: "eu-west-1" }],
    ["ec2-us-east", { name: "ec2", region: "us-east-1" }],
    ["Rackspace_UK", { name: "rackspace_first_gen", region: "uk" }],
    ["DIGITAL_OCEAN", { name: "digitalocean" }],
    ["libvirt", { name: "libvirt" }],
  ])("%s", (hosttype, expected) => {
    expect(provider(hosttype, "web")).toEqual(expected);
  });

  test("one that no longer exists is reported as such", () => {
    expect(() => provider("SLICEHOST", "web")).toThrow(
      expect.objectContaining({
        code: "provider-gone",
        hint: expect.stringContaining("'rackspace'"),
      }),
    );
  });

  test("without one the provider is asked for", () => {
    expect(() => provider("", "web")).toThrow("The part 'web' has no 'hosttype' option.");
  });
});

describe("the size", () => {
  const size = (id: string, name: string, ram: number | null, price: number | null): Size => ({
    ...{ id, name, ram, price },
    disk: null,
  });
  const sizes = [
    size("t1", "Micro", 512, 1),
    size("g1", "With a graphics card", 2048, 90),
    size("t2", "Small", 4096, 3),
    size("x", "Any", null, 0),
  ];
  const wanted = { part: "web", hostsize: "", hostsizeName: "" };

  test("is the cheapest with enough memory", () => {
    expect(chooseSize(sizes, { ...wanted, hostsize: "1000" }).id).toBe("t2");
    expect(chooseSize(sizes, { ...wanted, hostsize: "512" }).id).toBe("t1");
  });

  test("is the one that is named, whatever its memory", () => {
    const both = { ...wanted, hostsize: "4096" };
    expect(chooseSize(sizes, { ...both, hostsizeName: "micro" }).id).toBe("t1");
    expect(chooseSize(sizes, { ...both, hostsizeName: "G1" }).id).toBe("g1");
  });

  test.each([
    [{ hostsize: "9000" }, "unknown-size", "No size has 9000 MB of memory."],
    [{ hostsizeName: "Large" }, "unknown-size", "There is no size 'Large'."],
    [{}, "unknown-size", "The size of the machine is not set."],
    [{ hostsize: "2 GB" }, "invalid-option", "web:hostsize: '2 GB' is not a number."],
  ])("%j is refused", (options, code, message) => {
    expect(() => chooseSize(sizes, { ...wanted, ...options })).toThrow(
      expect.objectContaining({ code, message }),
    );
  });
});

test("of the images for a system the last by number is taken", () => {
  const images = ["Debian 9", "Debian 12", "Debian 11", "Ubuntu 24.04"].map((name) => ({
    ...{ id: name, name },
  }));
  expect(chooseImage(images, "debian", "web").name).toBe("Debian 12");
  expect(() => chooseImage(images, "plan9", "web")).toThrow(
    expect.objectContaining({ code: "unknown-image" }),
  );
});

test("public addresses come before private ones, IPv4 before IPv6", () => {
  const address = (open: string[], closed: string[]) =>
    addressOfMachine({ public: open, private: closed });
  expect(address(["2001:db8::1", "192.0.2.1"], ["10.0.0.1"])).toBe("192.0.2.1");
  expect(address(["2001:db8::1"], ["10.0.0.1"])).toBe("2001:db8::1");
  expect(address([], ["fd00::1", "10.0.0.1"])).toBe("10.0.0.1");
  expect(address([], [])).toBeUndefined();
});

describe("user data", () => {
  const read = (text: string) => {
    const [head, ...rest] = text.split("\n");
    expect(head).toBe("#cloud-config");
    return JSON.parse(rest.join("\n"));
  };

  test("lets one key in for one user, with sudo, and nothing else", () => {
    expect(read(userData("admin", "ssh-ed25519 AAAA me"))).toEqual({
      users: [
        {
          name: "admin",
          lock_passwd: true,
          sudo: "ALL=(ALL) NOPASSWD:ALL",
          ssh_authorized_keys: ["ssh-ed25519 AAAA me"],
        },
      ],
    });
  });

  test("root needs no sudo, but must be allowed", () => {
    expect(read(userData("root", "ssh-ed25519 AAAA"))).toEqual({
      disable_root: false,
      users: [{ name: "root", ssh_authorized_keys: ["ssh-ed25519 AAAA"] }],
    });
  });
});

describe("host keys on a console", () => {
  const block = (...keys: string[]) =>
    [
      "ci-info: no authorized SSH keys fingerprints found",
      "-----BEGIN SSH HOST KEY KEYS-----",
      ...keys,
      "-----END SSH HOST KEY KEYS-----",
      "web login:",
    ].join("\r\n");

  test("are read as lines of known_hosts", () => {
    const text = block(
      "ecdsa-sha2-nistp256 AAAAE2VjZHNh= root@web",
      "[   12.3] cloud-init[512]: ssh-ed25519 AAAAC3Nz root@web",
    );
    expect(hostKeys(text, "machine-web")).toEqual([
      "machine-web ecdsa-sha2-nistp256 AAAAE2VjZHNh=",
      "machine-web ssh-ed25519 AAAAC3Nz",
    ]);
  });

  test("the last ones count", () => {
    const text = `${block("ssh-ed25519 AAAAold a")}\n${block("ssh-ed25519 AAAAnew b")}`;
    expect(hostKeys(text, "m")).toEqual(["m ssh-ed25519 AAAAnew"]);
  });

  test.each([
    ["", "nothing yet"],
    ["-----BEGIN SSH HOST KEY KEYS-----\nssh-ed25519 AAAA a\n", "half of them"],
    ["ssh-ed25519 AAAA a\n", "what anybody may print"],
    [block("ssh-ed25519 AAAA$(reboot) x", "* ssh-dss AAAA"), "no keys"],
  ])("%j are none: %s", (text) => {
    expect(hostKeys(text, "m")).toEqual([]);
  });
});

describe("the record of a machine", () => {
  const made: string[] = [];
  const folder = () => {
    made.push(mkdtempSync(join(tmpdir(), "hostout-cloud-")));
    return made.at(-1)!;
  };
  afterEach(() => {
    for (const one of made.splice(0)) rmSync(one, { recursive: true });
  });

  test("is kept, loses its address, and is removed", () => {
    const records = recordsOf(folder(), "web");
    expect(records.read()).toBeUndefined();
    const made = { provider: "ec2", token: "t", ordered: 1, id: "i-1" };
    records.write({ ...made, address: "192.0.2.1" });
    records.writeKeys(["m ssh-ed25519 AAAA"]);
    records.forgetAddress();
    expect(records.read()).toEqual(made);
    expect(records.hasKeys()).toBe(true);
    records.forget();
    expect([records.read(), records.hasKeys()]).toEqual([undefined, false]);
    records.forgetAddress();
    expect(records.read()).toBeUndefined();
  });

  test("that somebody has spoilt is asked for again", () => {
    const records = recordsOf(folder(), "web");
    records.write({ provider: "ec2", token: "t", ordered: 1 });
    writeFileSync(join(records.folder, "machine.json"), "{");
    expect(records.read()).toBeUndefined();
    expect(statSync(records.folder).isDirectory()).toBe(true);
  });
});
