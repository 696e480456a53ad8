/** Servers whose certificate is signed by an authority of the user's own. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { basename } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import { extraAuthorities } from "../../src/system/authorities.ts";
import { type SecureSite, serveSecurely } from "../support/authority.ts";
import { command, environment, project } from "../support/command-project.ts";
import { pack } from "../support/npm-archive.ts";
import { start } from "../support/running.ts";
import { scratch } from "../support/scratch.ts";
import { writeWheel } from "../support/wheel.ts";

/** A shell of its own view of the file system, in which the system's store has one authority more. */
const STORE = "/etc/ssl/certs/ca-certificates.crt";
const withStore = (authority: string) => [
  ...["unshare", "--mount", "sh", "-ec"],
  `cat ${STORE} ${authority} > store; mount --bind store ${STORE}; exec "$@"`,
  "sh",
];

/** Runs buildout with nothing but these variables about certificates. */
async function run(
  text: string,
  variables: Record<string, string>,
  within: readonly string[] = [],
): Promise<{ status: number | null; err: string }> {
  const p = project({ "buildout.cfg": text });
  const env = {
    ...environment(p.directory),
    ...{ PIP_RETRIES: "0", PIP_CONFIG_FILE: "/dev/null", npm_config_fetch_retries: "0" },
    ...variables,
  };
  const [program, ...words] = [...within, process.execPath, command];
  const running = start(program!, words, { cwd: p.directory, env });
  const { status, stderr, stdout } = await running.outcome;
  return { status, err: p.plain(stderr + stdout) };
}

const HINT = "Set SSL_CERT_FILE to a file with the certificate of the authority";

/** Downloads from an HTTPS server. */
const DOWNLOADS: Record<string, { answer: () => RequestListener; text(site: SecureSite): string }> =
  {
    "a configuration": {
      answer: () => (_, response) => response.end("[buildout]\nparts =\n"),
      text: ({ url }) => `[buildout]\nextends = ${url}/base.cfg\n`,
    },
    "a file for a part": {
      answer: () => (_, response) => response.end("text"),
      text: ({ url }) =>
        `[buildout]\nparts = a\n[a]\nrecipe = hexagonit.recipe.download\nurl = ${url}/a.txt\ndownload-only = true\n`,
    },
    "a Python distribution": {
      answer() {
        const wheel = writeWheel(scratch(), "safe", "1.0");
        const name = basename(wheel);
        return (request, response) => {
          if (request.url?.endsWith(".whl")) response.end(readFileSync(wheel));
          else if (request.url !== "/simple/safe/") response.writeHead(404).end();
          else {
            response.setHeader("Content-Type", "text/html");
            response.end(`<!DOCTYPE html><html><body><a href="/${name}">${name}</a></body></html>`);
          }
        };
      },
      text: ({ url }) =>
        `[buildout]\nparts = a\nindex = ${url}/simple/\n[a]\nrecipe = zc.recipe.egg\neggs = safe\n`,
    },
    "an npm package": {
      answer() {
        const archive = pack("safe", "1.0.0");
        const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
        return (request, response) => {
          const tarball = `https://${request.headers.host}/safe.tgz`;
          const version = { name: "safe", version: "1.0.0", dist: { tarball, integrity } };
          const document = {
            ...{ name: "safe", "dist-tags": { latest: "1.0.0" } },
            versions: { "1.0.0": version },
          };
          if (request.url === "/safe.tgz") response.end(archive);
          else if (request.url === "/safe") response.end(JSON.stringify(document));
          else response.writeHead(404).end("{}");
        };
      },
      text: () => "[buildout]\nparts = safe\n[safe]\nrecipe = hostout:node\n",
    },
  };

describe.each(Object.entries(DOWNLOADS))("%s", (_, { answer, text }) => {
  test("is refused from a server that nothing vouches for; the error says what to set", async () => {
    const site = await serveSecurely(answer());
    const { status, err } = await run(text(site), { npm_config_registry: site.url });
    expect(err).toContain(HINT);
    expect(status).toBe(1);
  });

  test.each(["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"])(
    "is taken where %s has the authority",
    async (name) => {
      const site = await serveSecurely(answer());
      const value = name === "SSL_CERT_DIR" ? site.directory : site.authority;
      const variables = { [name]: value, npm_config_registry: site.url };
      const { status, err } = await run(text(site), variables);
      if (status !== 0) throw new Error(err);
      expect(site.requests.length).toBeGreaterThan(0);
    },
  );

  test.runIf(process.getuid?.() === 0)("is taken where the system's store has it", async () => {
    const site = await serveSecurely(answer());
    const within = withStore(site.authority);
    const { status, err } = await run(text(site), { npm_config_registry: site.url }, within);
    expect([status, site.requests.length > 0], err).toEqual([0, true]);
  });
});

test("the system's store counts if no variable names another", async () => {
  const store = readFileSync(STORE, "utf8");
  const trusted = [...rootCertificates, ...(await extraAuthorities({}))].map((pem) =>
    pem.replace(/\s/g, ""),
  );
  const all = store.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
  expect(all.length).toBeGreaterThan(0);
  expect(all.map((pem) => pem.replace(/\s/g, "")).filter((pem) => !trusted.includes(pem))).toEqual(
    [],
  );
});

test("both variables take the place of the system's store", async () => {
  const site = await serveSecurely((_, response) => response.end());
  const own = { SSL_CERT_FILE: site.authority, SSL_CERT_DIR: site.directory };
  expect(await extraAuthorities(own)).toEqual([readFileSync(site.authority, "utf8").trim()]);
});
