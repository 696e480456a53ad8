import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { scratch, writeFiles } from "./scratch.ts";

export interface SecureSite {
  url: string;
  /** A file with the certificate of the authority that signed the site's. */
  authority: string;
  /** A directory with the same, under the name that OpenSSL looks for. */
  directory: string;
  /** Paths asked for, in order. */
  requests: string[];
}

/** An HTTPS server on loopback whose certificate is signed by an unknown authority. */
export async function serveSecurely(answer: RequestListener): Promise<SecureSite> {
  const folder = scratch();
  const openssl = (...args: string[]) =>
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe", encoding: "utf8" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subject = (name: string) => ["-subj", `/CN=${name}`];
  const authority = ["-keyout", "ca.key", "-out", "ca.pem", "-days", "2"];
  openssl("req", "-x509", ...key, ...authority, ...subject("Own authority"));
  openssl("req", ...key, "-keyout", "site.key", "-out", "site.csr", ...subject("127.0.0.1"));
  writeFiles(folder, { names: "subjectAltName=IP:127.0.0.1\n" });
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"];
  openssl("x509", "-req", "-in", "site.csr", "-out", "site.pem", "-extfile", "names", ...signed);
  const hash = openssl("x509", "-in", "ca.pem", "-noout", "-hash").trim();
  const ca = readFileSync(join(folder, "ca.pem"), "utf8");
  writeFiles(folder, { [`store/${hash}.0`]: ca });
  const requests: string[] = [];
  const files = { key: "site.key", cert: "site.pem" };
  const [secret, certificate] = Object.values(files).map((name) =>
    readFileSync(join(folder, name)),
  );
  const server = createServer({ key: secret, cert: certificate }, (request, response) => {
    requests.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    authority: join(folder, "ca.pem"),
    directory: join(folder, "store"),
    requests,
  };
}
