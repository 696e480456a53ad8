/** Host keys as printed on the console by cloud-init. */

const BLOCK = /-----BEGIN SSH HOST KEY KEYS-----\r?\n([\s\S]*?)-----END SSH HOST KEY KEYS-----/g;
const KEY = /\b((?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/]+={0,2})(?:\s|$)/;

/** Lines of known_hosts for `name`; none if the console does not show the keys (yet). */
export function hostKeys(console: string, name: string): string[] {
  // A machine made from an image of another one may show both: use the last ones.
  const [, text = ""] = [...console.matchAll(BLOCK)].at(-1) ?? [];
  return text.split("\n").flatMap((line) => {
    const key = KEY.exec(line)?.[1];
    return key === undefined ? [] : [`${name} ${key}`];
  });
}
