import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { separateLogins, withOwnNetrc } from "../../../src/distributions/python/index-logins.ts";
import { askPython } from "../../support/ask-python.ts";
import { scratch } from "../../support/scratch.ts";

const [VERSION] = askPython("'.'.join(map(str, sys.version_info[:2]))", [0]) as string[] as [
  string,
];

/** User and password of a host, as pip reads them from the file. */
function readByPython(text: string, host: string): unknown {
  const file = join(scratch(), "netrc");
  writeFileSync(file, text);
  const head = "import netrc";
  const [login] = askPython("netrc.netrc(it[0]).authenticators(it[1])", [[file, host]], head);
  const [user, , password] = login as string[];
  return [user, password];
}

const separate = (addresses: readonly string[], version = VERSION) =>
  separateLogins(addresses, () => version);

test.each([
  ["me:s3cret", "me", "s3cret"],
  ["m%40e:p%3a%2F%25%20", "m@e", "p:/% "],
  ["me:p@ss:word", "me", "p@ss:word"],
  ["%C3%A9:100%", "é", "100%"],
  ["token", "token", ""],
  [":token", "", "token"],
  [`%23me:%22a\\'b"`, "#me", `"a\\'b"`],
  ["${me}:$HOME", "${me}", "$HOME"],
])("the login %s goes from the address to the file", (login, user, password) => {
  const address = `https://${login}@index.example:8443/simple/?a=b@c#x=y`;
  const { addresses, netrc, visible } = separate([address]);
  expect(addresses).toEqual(["https://index.example:8443/simple/?a=b@c#x=y"]);
  expect(visible).toEqual([]);
  expect(readByPython(netrc, "index.example")).toEqual([user, password]);
});

test("a URL without a login stays unchanged, and needs no file", () => {
  const all = [
    "https://index.example/@me:x/simple",
    "file:///a@b",
    "/srv/me:x@wheels",
    "https://x",
  ];
  expect(separate(all)).toEqual({ addresses: all, netrc: "", visible: [] });
});

test("one login is used for all URLs of a host, different ones stay in the URLs", () => {
  const same = ["http://a:b@one.example/simple", "http://a:b@ONE.example:81/links"];
  expect(separate([...same, "http://c:d@two.example"])).toEqual({
    addresses: ["http://one.example/simple", "http://ONE.example:81/links", "http://two.example"],
    netrc: "machine one.example login a password b\nmachine two.example login c password d\n",
    visible: [],
  });
  for (const other of ["http://a:B@one.example/links", "http://one.example:81/links"]) {
    const all = [same[0]!, other, "http://c:d@two.example"];
    expect(separate(all)).toEqual({
      addresses: [same[0], other, "http://two.example"],
      netrc: "machine two.example login c password d\n",
      visible: ["one.example"],
    });
  }
});

test("logins that pip would not find in the file stay in the URL", () => {
  for (const [address, version] of [
    ["http://a:b@[::1]:80/simple", "3.13"],
    ["http://a:b@\u00e9.example/simple", "3.13"],
    ["http://a:${PASSWORD}@one.example/simple", "3.13"],
    ["http://a:b%20c@one.example/simple", "3.10"],
    ["http://token@one.example/simple", "3.9"],
  ] as const) {
    expect(separate([address], version)).toMatchObject({ addresses: [address], netrc: "" });
  }
  expect(separate(["http://a:b@one.example"], "3.8").visible).toEqual([]);
});

test("the user's own file counts, too, if Python can read it", async () => {
  const own = join(scratch(), "own");
  const line = "machine one.example login me password new\n";
  writeFileSync(
    own,
    "machine one.example login a password b\nmachine two.example login c password d",
  );
  const both = await withOwnNetrc(line, "python3", { NETRC: own });
  expect(readByPython(both, "one.example")).toEqual(["me", "new"]);
  expect(readByPython(both, "two.example")).toEqual(["c", "d"]);
  writeFileSync(own, "machine one.example nonsense\n");
  expect(await withOwnNetrc(line, "python3", { NETRC: own })).toBe(line);
  expect(await withOwnNetrc(line, "python3", { NETRC: "/dev/zero" })).toBe(line);
});
