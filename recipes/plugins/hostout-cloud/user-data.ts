/** cloud-init's instructions for a new machine: authorize one key. */

/** `#cloud-config` that authorizes a public key for `user`, with sudo, and nothing else. */
export function userData(user: string, publicKey: string): string {
  const keys = { ssh_authorized_keys: [publicKey] };
  const config =
    user === "root"
      ? { disable_root: false, users: [{ name: "root", ...keys }] }
      : { users: [{ name: user, lock_passwd: true, sudo: "ALL=(ALL) NOPASSWD:ALL", ...keys }] };
  // JSON is YAML.
  return `#cloud-config\n${JSON.stringify(config)}\n`;
}
