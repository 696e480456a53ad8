import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, it, onTestFinished } from "vitest";
import { cacheName } from "../../../src/config/download/downloader.ts";
import { findCredentials } from "../../../src/config/download/netrc.ts";
import { proxyFor } from "../../../src/config/download/proxy.ts";
import { messageOf } from "../../../src/errors/error.ts";
import { ConfigurationFiles, raw } from "../../support/configuration-files.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

interface Site {
  url: string;
  port: number;
  server: Server;
  /** Paths asked for, in order. */
  requests: string[];
  answers: Map<string, Answer | string>;
}

/** A server on loopback; it ends with the test. */
async function serve(answers: Record<string, Answer | string>): Promise<Site> {
  const requests: string[] = [];
  const known = new Map(Object.entries(answers));
  const server = createServer((request, response) => {
    requests.push(request.url!);
    const answer = known.get(request.url!);
    if (typeof answer === "function") answer(request, response);
    else if (answer === undefined) response.writeHead(404).end("no");
    else response.end(answer);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, server, requests, answers: known };
}

function workspace(url: string, more = ""): ConfigurationFiles {
  const text = `[buildout]\nextends = ${url}\n${more}[b]\ny = 1\n`;
  return new ConfigurationFiles({ "buildout.cfg": text });
}

describe("extends over HTTP", () => {
  it("resolves extended files relative to the URL", async () => {
    const site = await serve({
      "/d/a.cfg": "[buildout]\nextends = ../b.cfg c.cfg\n[a]\nx += a\n",
      "/b.cfg": "[a]\nx = b\n",
      "/d/c.cfg": "[a]\nx += c\n",
    });
    const configuration = await workspace(`${site.url}/d/a.cfg`).load();
    expect(raw(configuration, "a")).toEqual({ x: "b\nc\na" });
    expect(configuration.urls).toEqual(
      ["/d/a.cfg", "/d/../b.cfg", "/d/c.cfg"].map((p) => site.url + p),
    );
    expect(configuration.location("a", "x")).toEqual({ file: `${site.url}/d/a.cfg`, line: 4 });
  });

  it("can be the configuration itself, which then has no directory", async () => {
    const site = await serve({ "/a.cfg": "[a]\nx = 1\n" });
    const configuration = await new ConfigurationFiles().load(["-c", `${site.url}/a.cfg`]);
    expect(configuration.directory).toBe("");
    expect(raw(configuration, "a")).toEqual({ x: "1" });
  });

  it("fetches the files named by one file in parallel", async () => {
    // Each response waits until both requests have arrived.
    const waiting: (() => void)[] = [];
    const together: Answer = (_, response) => {
      waiting.push(() => response.end("[a]\nx += 1\n"));
      if (waiting.length === 2) for (const answer of waiting) answer();
    };
    const site = await serve({ "/a.cfg": together, "/b.cfg": together });
    const configuration = await workspace(`${site.url}/a.cfg ${site.url}/b.cfg`).load();
    expect(raw(configuration, "a")).toEqual({ x: "1\n1" });
  });

  it("follows redirections", async () => {
    const site = await serve({
      "/a.cfg": (_, response) => response.writeHead(302, { Location: "/real.cfg" }).end(),
      "/real.cfg": "[a]\nx = 1\n",
      "/loop": (_, response) => response.writeHead(301, { Location: "/loop" }).end(),
    });
    expect(raw(await workspace(`${site.url}/a.cfg`).load(), "a")).toEqual({ x: "1" });
    await expect(workspace(`${site.url}/loop`).load()).rejects.toThrow("more than 10 redirections");
  });

  it("names the line of a URL that cannot be had", async () => {
    const site = await serve({});
    const place = workspace(`${site.url}/a.cfg`);
    await expect(place.load()).rejects.toMatchObject({
      code: "download-failed",
      message: `Error downloading extends for URL ${site.url}/a.cfg: HTTP Error 404: Not Found`,
      location: { file: place.path("buildout.cfg"), line: 2 },
    });
  });

  it("asks again after failures that may pass, and only after those", async () => {
    const failing = (status: number): Answer => {
      let asked = 0;
      return (_, response) => {
        if (asked++ === 0) response.writeHead(status).end();
        else response.end("[a]\nx = 1\n");
      };
    };
    const broken: Answer = (_, response) => {
      site.answers.set("/broken", "[a]\nx = 1\n");
      response.destroy();
    };
    const site = await serve({ "/502": failing(502), "/503": failing(503), "/broken": broken });
    for (const path of ["/502", "/503", "/broken"]) {
      const place = workspace(`${site.url}${path}`);
      expect(raw(await place.load([], { env: { PIP_RETRIES: "1" } }), "a")).toEqual({ x: "1" });
    }
    site.answers.set("/404", failing(404));
    await expect(workspace(`${site.url}/404`).load()).rejects.toThrow("HTTP Error 404");
  });

  it("gives up after PIP_RETRIES", async () => {
    const site = await serve({ "/a.cfg": (_, response) => response.writeHead(503).end() });
    const load = workspace(`${site.url}/a.cfg`).load([], { env: { PIP_RETRIES: "2" } });
    await expect(load).rejects.toThrow("HTTP Error 503");
    expect(site.requests).toHaveLength(3);
  });

  it("keeps passwords out of messages", async () => {
    const site = await serve({});
    const url = site.url.replace("//", "//me:secret@");
    const outcome = await workspace(`${url}/a.cfg`).load().catch(messageOf);
    expect(outcome).toContain(`${site.url}/a.cfg: HTTP Error 404`);
    expect(outcome).not.toContain("secret");
  });

  it("stops the other downloads when one fails", async () => {
    let asked: (response: ServerResponse) => void = () => {};
    const hanging = new Promise<ServerResponse>((resolve) => {
      asked = resolve;
    });
    const site = await serve({
      "/hanging.cfg": (_, response) => asked(response),
      "/nope.cfg": async (_, response) => {
        await hanging;
        response.writeHead(404).end();
      },
    });
    const place = workspace(`${site.url}/nope.cfg ${site.url}/hanging.cfg`);
    const closed = hanging.then((response) => once(response, "close"));
    await expect(place.load()).rejects.toThrow("404");
    await closed;
  });

  it("gives up on a silent server after socket-timeout", async () => {
    const site = await serve({ "/a.cfg": () => {} });
    await expect(workspace(`${site.url}/a.cfg`).load(["-t", "1"])).rejects.toThrow("timed out");
  });

  it("does not accept a truncated response as complete", async () => {
    const broken: Answer = (_, response) => {
      response.writeHead(200, { "Content-Length": "100" });
      response.write("[a]\nx = 1\n", () => response.destroy());
    };
    const chunked: Answer = (_, response) => {
      response.write("[a]\nx = 1\n", () => response.destroy());
    };
    const site = await serve({ "/a.cfg": broken, "/b.cfg": chunked });
    for (const name of ["a.cfg", "b.cfg"]) {
      const place = workspace(`${site.url}/${name}`, "extends-cache = cache\n");
      mkdirSync(place.path("cache"));
      await expect(place.load()).rejects.toMatchObject({ code: "download-failed" });
      expect(readdirSync(place.path("cache"))).toEqual([]);
    }
  });

  it("uses the login of .netrc", async () => {
    const site = await serve({
      "/a.cfg": (request, response) => {
        const login = Buffer.from(request.headers.authorization?.slice(6) ?? "", "base64");
        response.end(`[a]\nlogin = ${login}\n`);
      },
    });
    const place = workspace(`${site.url}/a.cfg`);
    place.write(
      "~/.netrc",
      "machine other login x password y\nmachine 127.0.0.1\n login me\n password pw\n",
    );
    expect(raw(await place.load(), "a")).toEqual({ login: "me:pw" });
  });

  it("uses the proxy, except for hosts in no_proxy", async () => {
    const proxy = await serve({ "http://example.invalid/a.cfg": "[a]\nx = proxied\n" });
    const site = await serve({ "/a.cfg": "[a]\nx = direct\n" });
    const env = { http_proxy: proxy.url, no_proxy: "127.0.0.1" };
    const through = await workspace("http://example.invalid/a.cfg").load([], { env });
    expect(raw(through, "a")).toEqual({ x: "proxied" });
    expect(raw(await workspace(`${site.url}/a.cfg`).load([], { env }), "a")).toEqual({
      x: "direct",
    });
  });

  it("asks a proxy for a tunnel to an HTTPS host", async () => {
    const proxy = await serve({});
    const targets: string[] = [];
    proxy.server.on("connect", (request: IncomingMessage, socket) => {
      targets.push(request.url!);
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    const env = { https_proxy: proxy.url };
    const loading = workspace("https://example.invalid/a.cfg").load([], { env });
    await expect(loading).rejects.toThrow("the proxy answered 403 Forbidden");
    expect(targets).toEqual(["example.invalid:443"]);
  });
});

describe("the extends-cache", () => {
  async function cached(
    args: string[] = [],
    answers: Record<string, string> = { "/a.cfg": "[a]\nx = new\n" },
  ) {
    const site = await serve(answers);
    const place = workspace(`${site.url}/a.cfg`, "extends-cache = cache\n");
    mkdirSync(place.path("cache"));
    const file = place.path(`cache/${await cacheName(`${site.url}/a.cfg`)}`);
    return { site, place, file, load: (more: string[] = []) => place.load([...args, ...more]) };
  }

  it("keeps fetched files, under the MD5 of their URLs", async () => {
    const { load, file, site } = await cached();
    await load();
    expect(readFileSync(file, "utf8")).toBe("[a]\nx = new\n");
    await load(["-o"]);
    expect(site.requests).toEqual(["/a.cfg"]);
  });

  it("is used first only with -N: usually the newest file is wanted", async () => {
    const { load, file, site } = await cached();
    writeFileSync(file, "[a]\nx = old\n");
    expect(raw(await load(["-N"]), "a")).toEqual({ x: "old" });
    expect(site.requests).toEqual([]);
    expect(raw(await load(), "a")).toEqual({ x: "new" });
    expect(readFileSync(file, "utf8")).toBe("[a]\nx = new\n");
  });

  it("replaces a server that fails, with a warning", async () => {
    const { load, file } = await cached(["-n"], {});
    writeFileSync(file, "[a]\nx = old\n");
    const configuration = await load();
    expect(raw(configuration, "a")).toEqual({ x: "old" });
    expect(configuration.warnings).toMatchObject([
      { code: "stale-copy", message: expect.stringContaining("404") },
    ]);
  });

  it.each([["-o"], ["install-from-cache=true"]])("is all there is with %s", async (arg) => {
    const { load, site } = await cached([arg]);
    await expect(load()).rejects.toMatchObject({
      code: "offline",
      message: `Couldn't download '${site.url}/a.cfg' in offline mode.`,
    });
    expect(site.requests).toEqual([]);
  });

  it("must be there", async () => {
    const { place } = await cached();
    const args = ["extends-cache=other"];
    await expect(place.load(args)).rejects.toMatchObject({ code: "missing-cache" });
  });

  it("may not contain references", async () => {
    const { place } = await cached();
    const loading = place.load(["extends-cache=${buildout:directory}/x"]);
    await expect(loading).rejects.toMatchObject({ code: "invalid-extends-cache" });
  });
});

it("reads file: URLs", async () => {
  const place = new ConfigurationFiles({ "b.cfg": "[a]\nx = 1\n" });
  place.write("buildout.cfg", `[buildout]\nextends = file://${place.path("b.cfg")}\n`);
  expect(raw(await place.load(), "a")).toEqual({ x: "1" });
});

it("reports the line with a file: URL that does not exist", async () => {
  const place = new ConfigurationFiles({
    "buildout.cfg": "[buildout]\nextends = file:///nope/%20.cfg\n",
  });
  await expect(place.load()).rejects.toMatchObject({
    code: "missing-file",
    message: "No such file: '/nope/%20.cfg'",
    location: { file: place.path("buildout.cfg"), line: 2 },
  });
});

it("finds logins in .netrc as ftp does", () => {
  const text =
    '# all\ndefault login any password p\nmachine a login "me too" account x password #1\n';
  expect(findCredentials(text, "a")).toEqual({ login: "me too", password: "#1" });
  expect(findCredentials(text, "b")).toEqual({ login: "any", password: "p" });
  expect(findCredentials("machine a login me\n", "a")).toBeUndefined();
});

it("finds the proxy of a URL in the environment", () => {
  const url = new URL("https://sub.example.org:8080/");
  const env = { HTTPS_PROXY: "proxy:3128" };
  expect(proxyFor(url, env)?.href).toBe("http://proxy:3128/");
  expect(proxyFor(url, { ...env, no_proxy: "a, .example.org" })).toBeUndefined();
  expect(proxyFor(url, { ...env, NO_PROXY: "*" })).toBeUndefined();
  expect(proxyFor(url, { http_proxy: "proxy:3128" })).toBeUndefined();
});
