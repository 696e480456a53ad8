import { codes } from "./table.ts";

/** SSH and SFTP. */
export const CONNECTION = codes({
  "authentication-failed": {
    meaning: "The host refused the login.",
    action: "Check `user`, `identity-file`, the agent or the password.",
  },
  "channel-refused": {
    meaning: "The host refused to run a command.",
    action: "Check whether this user is allowed a shell.",
  },
  "command-timeout": {
    meaning: "A remote command took longer than its time limit.",
    action: "Raise the limit.",
  },
  "connection-lost": { meaning: "The connection was lost.", action: "Run the same command again." },
  "forward-refused": {
    meaning: "The host refused to listen for the tunnel.",
    action: "Set `AllowTcpForwarding yes` in its `sshd_config`.",
  },
  "handshake-failed": {
    meaning: "No SSH session could be negotiated.",
    action: "Check whether an SSH server listens there.",
  },
  "host-key-changed": {
    meaning: "The host key has changed.",
    action: "Find out why; then remove the old key from `known_hosts`.",
  },
  "host-key-revoked": {
    meaning: "The host key is marked as revoked.",
    action: "Give the host a new key.",
  },
  "host-key-unknown": {
    meaning: "The host key is unknown.",
    action: "Compare the fingerprint, then connect once with ssh or use `--accept-new`.",
  },
  "host-unreachable": {
    meaning: "The host cannot be reached.",
    action: "Check its name, its port and the network.",
  },
  "identity-file-exposed": {
    meaning: "A private key is accessible to other users, so it is not used.",
    action: "Run `chmod 600` on the key.",
  },
  "identity-file-unreadable": {
    meaning: "A private key cannot be read.",
    action: "Correct `identity-file`.",
  },
  "input-failed": {
    meaning: "The input of a remote command was cut off.",
    action: "Run the command again.",
  },
  "local-file-changed": {
    meaning: "A local file changed while it was being uploaded.",
    action: "Run the command again.",
  },
  "local-file-unreadable": {
    meaning: "A local file cannot be read.",
    action: "Check its permissions.",
  },
  "local-not-writable": {
    meaning: "A local file cannot be written.",
    action: "Check the directory's permissions.",
  },
  "port-invalid": { meaning: "A port is not a number from 1 to 65535.", action: "Correct `port`." },
  "remote-disk-full": {
    meaning: "The host's disk is full.",
    action: "Free some space on the host.",
  },
  "remote-failure": { meaning: "An SFTP request failed.", action: "Read the message." },
  "remote-file-missing": {
    meaning: "A file does not exist on the host.",
    action: "Correct the path.",
  },
  "remote-not-readable": {
    meaning: "A file on the host is not readable.",
    action: "Check its permissions and the user.",
  },
  "remote-not-writable": {
    meaning: "A file or directory on the host is not writable.",
    action: "Check `path`, its owner and the user.",
  },
  "sftp-unavailable": {
    meaning: "The host does not offer SFTP.",
    action: "Enable the subsystem in its `sshd_config`.",
  },
  "ssh-config-invalid": {
    meaning: "`~/.ssh/config` has a setting that cannot be used.",
    action: "Correct it.",
  },
  "sudo-password-missing": {
    meaning: "sudo needs a password, but none is set.",
    action: "Set a password, run on a terminal, or allow NOPASSWD.",
  },
  "sudo-password-needed": {
    meaning: "sudo needs a password, but there is no terminal.",
    action: "Run on a terminal, or set `password-file`.",
  },
  "sudo-password-wrong": { meaning: "The password for sudo is wrong.", action: "Correct it." },
  "sudo-refused": {
    meaning: "sudo did not run the command.",
    action: "Check whether sudo is installed and allows the command.",
  },
  "too-much-output": {
    meaning: "A command printed more than its result can hold (256 million characters).",
    action: "Send its output to a file on the host, and fetch that.",
  },
  "upload-failed": {
    meaning: "A directory could not be unpacked on the host.",
    action: "Read the output.",
  },
});
