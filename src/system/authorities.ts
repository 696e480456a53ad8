/**
 * The certificate authorities that Python and curl trust here, beside those that Node has built in:
 * the system's store, and what SSL_CERT_FILE, SSL_CERT_DIR and their kind name.
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

/** Files that are trusted beside the store, by the programs that know these names. */
const BUNDLE_VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/** As OpenSSL finds them: `openssl rehash` gives each certificate such a name. */
const HASHED = /^[0-9a-f]{8}\.\d+$/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function readable(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // A store need not be there; Python and OpenSSL pass over it, too.
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

/** The files with authorities: each of the two variables of OpenSSL takes the place of its default. */
function authorityFiles(env: Env): string[] {
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: directories } = env;
  return [
    ...BUNDLE_VARIABLES.map((name) => env[name] ?? ""),
    ...(file ? [file] : BUNDLES),
    ...(directories ? directories.split(delimiter) : DIRECTORIES).flatMap(hashedFiles),
  ].filter((one) => one !== "");
}

const bodyOf = (pem: string) => pem.replace(/\s/g, "");

/** What is trusted beside Node's own authorities, as PEM; `more`: further files with some. */
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

/** All that is trusted, as PEM; undefined where Node's own authorities are all. */
export async function allAuthorities(
  env: Env,
  more: readonly string[] = [],
): Promise<string[] | undefined> {
  const extra = await extraAuthorities(env, more);
  if (extra.length === 0) return undefined;
  const { rootCertificates } = await import("node:tls");
  return [...rootCertificates, ...extra];
}

/** Of Node, npm, pip and uv: that the certificate of a server is not to be trusted. */
const UNTRUSTED =
  /SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|CERTIFICATE_VERIFY_FAILED|certificate verify failed|invalid peer certificate|self-signed certificate|unable to (?:verify the first certificate|get (?:local )?issuer certificate)/;

/** What to do about a certificate that is not trusted; undefined: `text` says nothing of that. */
export function authorityHint(text: string): string | undefined {
  if (!UNTRUSTED.test(text)) return undefined;
  return "Set SSL_CERT_FILE to a file with the certificate of the authority that signs for this server, or add it to the system's store (Debian: /usr/local/share/ca-certificates, then update-ca-certificates).";
}
