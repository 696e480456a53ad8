import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type DownloadRequest,
  download,
  removeTemporary,
} from "../../../src/buildout/kit/download.ts";

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

interface Site {
  url: string;
  requests: string[];
  content: string;
  close(): void;
}

async function site(content = "the file"): Promise<Site> {
  const server = createServer((request, response) => {
    const asked = found.requests.push(request.url ?? "");
    if (request.url?.includes("busy") && asked === 1) return response.writeHead(503).end();
    if (request.url?.includes("missing")) response.writeHead(404).end();
    else if (request.url?.includes("half")) {
      response.writeHead(200, { "Content-Length": "1000" });
      response.write("half");
      setImmediate(() => response.destroy());
    } else if (!request.url?.includes("silent")) response.end(found.content);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  const found: Site = { url: `http://127.0.0.1:${port}`, requests: [], content, close };
  return found;
}

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), "download-test-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Downloads in a separate directory; `lines` receives the log. */
function downloader(settings: Partial<DownloadRequest> = {}) {
  const directory = folder();
  const lines: string[] = [];
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const log = {
    debug: say("debug"),
    info: say("info"),
    warning: say("warning"),
    error: say("error"),
  };
  const common = { directory, cache: undefined, offline: false, timeout: 5000, log, ...settings };
  return {
    directory,
    lines,
    async get(url: string, more: Partial<DownloadRequest> = {}) {
      const file = await download({ ...common, url, ...more });
      onTestFinished(() => removeTemporary(file));
      return { ...file, text: () => readFileSync(file.path, "utf8") };
    },
  };
}

describe("without a cache", () => {
  test("a file from a URL is temporary, and deleted on request", async () => {
    const { url } = await site();
    const { get, lines } = downloader();
    const file = await get(`${url}/a/b.tgz`);
    expect([file.temporary, file.text(), path.basename(file.path)]).toEqual([
      true,
      "the file",
      "b.tgz",
    ]);
    expect(lines).toEqual([`info: Downloading ${url}/a/b.tgz`]);
    await removeTemporary(file);
    expect(existsSync(path.dirname(file.path))).toBe(false);
  });

  test("a local file is not moved, with or without scheme", async () => {
    const { get, directory } = downloader();
    const file = path.join(directory, "a b.txt");
    writeFileSync(file, "mine");
    for (const url of [
      file,
      `file://${file}`,
      `file://localhost${file}`,
      "a b.txt",
      `file://${directory}/a%20b.txt`,
    ]) {
      expect(await get(url)).toMatchObject({ path: file, temporary: false });
    }
    await expect(get("nowhere")).rejects.toMatchObject({
      code: "missing-file",
      message: `The file '${directory}/nowhere' does not exist.`,
    });
  });

  test("a path can be given for it", async () => {
    const { url } = await site();
    const { get, directory } = downloader();
    const target = path.join(directory, "target");
    expect(await get(`${url}/x`, { path: target })).toMatchObject({
      path: target,
      temporary: false,
    });
    writeFileSync(path.join(directory, "local"), "mine");
    expect((await get("local", { path: target })).text()).toBe("mine");
  });
});

describe("the checksum", () => {
  test("that does not match is an error, and leaves nothing behind", async () => {
    const { url } = await site();
    const cache = folder();
    const { get, directory } = downloader({ cache });
    await expect(get(`${url}/x`, { md5sum: "1234" })).rejects.toMatchObject({
      code: "checksum-mismatch",
      message: `MD5 checksum mismatch downloading '${url}/x'`,
    });
    expect(readdirSync(cache)).toEqual([]);
    writeFileSync(path.join(directory, "f"), "mine");
    await expect(get("f", { md5sum: "1234" })).rejects.toThrow(
      "MD5 checksum mismatch for local resource at 'f'.",
    );
    expect((await get(`${url}/x`, { md5sum: md5("the file") })).text()).toBe("the file");
    await expect(get(`${url}/x`, { md5sum: "1234" })).rejects.toThrow(
      `MD5 checksum mismatch for cached download from '${url}/x' at '${cache}/x'`,
    );
  });
});

describe("with a cache", () => {
  test("a file is downloaded once", async () => {
    const server = await site();
    const cache = folder();
    const { get, lines } = downloader({ cache, namespace: "cmmi", hashName: true });
    const first = await get(`${server.url}/x`);
    const cached = path.join(cache, "cmmi", md5(`${server.url}/x`));
    expect(first).toMatchObject({ path: cached, temporary: false });
    server.content = "changed";
    expect((await get(`${server.url}/x`)).text()).toBe("the file");
    expect(server.requests).toEqual(["/x"]);
    expect(lines).toEqual([
      `debug: Searching cache at ${cache}/cmmi`,
      `debug: Cache miss; will cache ${server.url}/x as ${cached}`,
      `info: Downloading ${server.url}/x`,
      `debug: Searching cache at ${cache}/cmmi`,
      `debug: Using cache file ${cached}`,
    ]);
  });

  test("as a fallback, the file is downloaded again, and the cache is used if that fails", async () => {
    const server = await site();
    const { get } = downloader({ cache: folder(), fallback: true });
    await get(`${server.url}/x`);
    server.content = "changed";
    expect((await get(`${server.url}/x`)).text()).toBe("changed");
    server.close();
    expect((await get(`${server.url}/x`)).text()).toBe("changed");
  });

  test("offline, it is used, and a missing file is an error", async () => {
    const server = await site();
    const cache = folder();
    await downloader({ cache }).get(`${server.url}/x`);
    const { get } = downloader({ cache, offline: true });
    expect((await get(`${server.url}/x`)).text()).toBe("the file");
    await expect(get(`http://joe:secret@${server.url.slice(7)}/y`)).rejects.toMatchObject({
      code: "offline",
      message: `Couldn't download '${server.url}/y' in offline mode.`,
    });
  });

  test("names without hash are the last part of the URL's path", async () => {
    const { url } = await site();
    const cache = folder();
    const { get } = downloader({ cache });
    await get(`${url}/a/b.tgz/?x=/y#z`);
    await get(`${url}/..`);
    expect(readdirSync(cache).sort()).toEqual([`${url.slice(7)}:`, "b.tgz"]);
  });

  test("local files and directories are in it, too", async () => {
    const cache = folder();
    const { get, directory } = downloader({ cache });
    mkdirSync(path.join(directory, "sources"));
    writeFileSync(path.join(directory, "sources/x"), "x");
    writeFileSync(path.join(directory, "f"), "mine");
    expect((await get("f")).path).toBe(path.join(cache, "f"));
    expect(readFileSync(path.join((await get("sources")).path, "x"), "utf8")).toBe("x");
  });

  test("that does not exist is an error", async () => {
    const { get } = downloader({ cache: "/nowhere/cache" });
    await expect(get("http://127.0.0.1/x")).rejects.toMatchObject({
      code: "missing-cache",
      message: "The directory:\n'/nowhere/cache'\nto be used as a download cache doesn't exist.\n",
    });
  });
});

describe("a download that fails", () => {
  test.each([
    ["missing", "HTTP Error 404: Not Found"],
    ["half", "aborted"],
    ["silent", "timed out"],
  ])("says why: %s", async (name, reason) => {
    const { url } = await site();
    const cache = folder();
    const { get } = downloader({ cache, timeout: 200 });
    await expect(get(`http://joe:secret@${url.slice(7)}/${name}`)).rejects.toMatchObject({
      code: "download-failed",
      message: `Error downloading extends for URL ${url}/${name}: ${reason}`,
    });
    expect(readdirSync(cache)).toEqual([]);
  });

  test("because of an unknown scheme", async () => {
    await expect(downloader().get("gopher://x/y")).rejects.toThrow("unknown url type: gopher");
  });
});

test("a server that is temporarily unavailable is asked again", async () => {
  const { url, requests } = await site();
  vi.stubEnv("PIP_RETRIES", "1");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { path: file } = await downloader().get(`${url}/busy`);
  expect([readFileSync(file, "utf8"), requests]).toEqual(["the file", ["/busy", "/busy"]]);
});

test("a proxy from the environment is used", async () => {
  const proxy = await site("from the proxy");
  const before = { ...process.env };
  onTestFinished(() => {
    process.env = before;
  });
  process.env.http_proxy = proxy.url;
  process.env.no_proxy = "";
  expect((await downloader().get("http://nowhere.invalid/x")).text()).toBe("from the proxy");
  expect(proxy.requests).toEqual(["http://nowhere.invalid/x"]);
});
