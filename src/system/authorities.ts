/**
 * The certificate authorities that Python and curl trust here, in addition to Node's built-in ones: the
 * system's store, and those in SSL_CERT_FILE, SSL_CERT_DIR and the like.
 */
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** Where systems keep all authorities in one file: Debian, Alpine and Arch; Fedora; SUSE; macOS. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const DIRECTORIES = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/** Variables for further trusted files, as used by various programs. */
const BUNDLE_VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/** Names that OpenSSL looks up, as made by `openssl rehash`. */
const HASHED = /^[0-9a-f]{8}\.\d+$/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function readable(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // A missing store is fine, as in Python and OpenSSL.
    return "";
  }
}

function hashedFiles(directory: string): string[] {
  try {
    const names = readdirSync(directory);
    return names.filter((name) => HASHED.test(name)).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** The files with authorities: each of OpenSSL's two variables replaces its default. */
function authorityFiles(env: Env): string[] {
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: directories } = env;
  return [
    ...BUNDLE_VARIABLES.map((name) => env[name] ?? ""),
    ...(file ? [file] : BUNDLES),
    ...(directories ? directories.split(delimiter) : DIRECTORIES).flatMap(hashedFiles),
  ].filter((one) => one !== "");
}

const bodyOf = (pem: string) => pem.replace(/\s/g, "");

/** Trusted authorities in addition to Node's own, as PEM; `more`: further files. */
export async function extraAuthorities(env: Env, more: readonly string[] = []): Promise<string[]> {
  const { rootCertificates } = await import("node:tls");
  const known = new Set(rootCertificates.map(bodyOf));
  const extra: string[] = [];
  for (const file of new Set([...authorityFiles(env), ...more])) {
    for (const [pem] of readable(file).matchAll(CERTIFICATE)) {
      const body = bodyOf(pem);
      if (!known.has(body)) extra.push(pem);
      known.add(body);
    }
  }
  return extra;
}

/** All trusted authorities, as PEM; undefined if there are only Node's own. */
export async function allAuthorities(
  env: Env,
  more: readonly string[] = [],
): Promise<string[] | undefined> {
  const extra = await extraAuthorities(env, more);
  if (extra.length === 0) return undefined;
  const { rootCertificates } = await import("node:tls");
  return [...rootCertificates, ...extra];
}

/** Messages of Node, npm, pip and uv about an untrusted certificate. */
const UNTRUSTED =
  /SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|CERTIFICATE_VERIFY_FAILED|certificate verify failed|invalid peer certificate|self-signed certificate|unable to (?:verify the first certificate|get (?:local )?issuer certificate)/;

/** What to do about a certificate that is not trusted; undefined: `text` is not about that. */
export function authorityHint(text: string): string | undefined {
  if (!UNTRUSTED.test(text)) return undefined;
  return "Set SSL_CERT_FILE to a file with the certificate of the authority that signed this server's, or add it to the system's store (Debian: /usr/local/share/ca-certificates, then update-ca-certificates).";
}
