import { expect, test } from "vitest";
import { canonicalName } from "../../../src/ssh/config/canonical.ts";
import { keywordNamed } from "../../../src/ssh/config/keywords.ts";
import { Settings } from "../../../src/ssh/config/settings.ts";

/** The names that a resolver knows, each with the one behind it. */
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
  return canonicalName(name, settings, async (asked) => NAMES[asked]);
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

test("a name in no domain is an error where CanonicalizeFallbackLocal is 'no'", async () => {
  await expect(
    canonical("local", { ...DOMAINS, CanonicalizeFallbackLocal: "no" }),
  ).rejects.toMatchObject({
    code: "ssh-config-invalid",
    message: expect.stringContaining("'local'"),
  });
});
