import { describe, expect, test } from "vitest";
import { rolesOf, Selection } from "../../../src/deploy/part/selection.ts";

const HOSTS = [
  { name: "web2", roles: ["web", "canary"] },
  { name: "web1", roles: ["web"] },
  { name: "web10", roles: ["web"] },
  { name: "db1", roles: ["db"] },
  { name: "odd*", roles: [] },
  { name: "a,b", roles: [] },
];

function select(...words: string[]): string[] {
  const selection = new Selection(HOSTS);
  for (const word of words) {
    expect(selection.takes(word)).toBe(true);
    selection.add(word);
  }
  return selection.hosts();
}

describe("a selection of hosts", () => {
  test.each<[words: string[], hosts: string[]]>([
    [["db1"], ["db1"]],
    [
      ["db1", "web1"],
      ["db1", "web1"],
    ],
    [
      ["web1,db1", "web1"],
      ["web1", "db1"],
    ],
    [["all"], ["web2", "web1", "web10", "db1", "odd*", "a,b"]],
    [
      ["db1", "@web"],
      ["db1", "web2", "web1", "web10"],
    ],
    [["@c*"], ["web2"]],
    [["web?"], ["web2", "web1"]],
    [["*1"], ["web1", "db1"]],
    [["[!wo]*[0-9]"], ["db1"]],
    [["web[]1]"], ["web1"]],
    [["@web,!web1"], ["web2", "web10"]],
    [
      ["!web1", "@web"],
      ["web2", "web10"],
    ],
    [["!@web"], ["db1", "odd*", "a,b"]],
    [
      ["!web*", "!db1"],
      ["odd*", "a,b"],
    ],
    // A host of that name wins over a pattern.
    [["odd*"], ["odd*"]],
    [["a,b"], ["a,b"]],
    [["all,!odd*,!web*"], ["db1", "a,b"]],
    [["web1,"], ["web1"]],
  ])("%j: %j", (words, hosts) => {
    expect(select(...words)).toEqual(hosts);
  });

  test.each(["deploy", "web3", "paint:red,brush=small", "!", "@", ",", "", "-q", "a.b"])(
    "'%s' is left to those who read commands",
    (word) => expect(new Selection(HOSTS).takes(word)).toBe(false),
  );

  test.each([
    ["web1,wbe2", "There is no host 'wbe2'.", "Did you mean 'web2'? Valid hosts are: a,b db1 "],
    ["x*", "No host matches 'x*'.", "Valid hosts are: "],
    ["!wbe1", "There is no host 'wbe1'.", "Did you mean 'web1'?"],
    ["!canary", "There is no host 'canary'.", "Did you mean '@canary'?"],
    ["@wbe", "There is no role 'wbe'.", "Did you mean '@web'? Roles are: @canary @db @web"],
    ["!@web1", "There is no role 'web1'.", "Did you mean '!web1'?"],
    ["@web,!@web", "'@web,!@web' excludes every host.", "Valid hosts are: "],
    ["[b-a]x", "No host matches '[b-a]x'.", ""],
  ])("%s: %s", (word, message, hint) => {
    const error = expect.objectContaining({
      ...{ code: "unknown-host", message, hint: expect.stringContaining(hint) },
    });
    expect(() => select(word)).toThrow(error);
  });

  test("an error does not list hundreds of hosts", () => {
    const many = new Selection(
      Array.from({ length: 400 }, (_, n) => ({ name: `n${n}`, roles: [`r${n}`] })),
    );
    const hint = (text: string) => expect.objectContaining({ hint: expect.stringMatching(text) });
    expect(() => many.add("x,y")).toThrow(hint("^'bin/hostout' lists the 400 hosts.$"));
    expect(() => many.add("@xyz")).toThrow(hint("^'bin/hostout' lists the roles.$"));
  });

  test("roles are listed with their hosts", () => {
    expect([...rolesOf(HOSTS)]).toEqual([
      ["canary", ["web2"]],
      ["db", ["db1"]],
      ["web", ["web2", "web1", "web10"]],
    ]);
  });
});
