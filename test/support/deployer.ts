/** How a command is proven on one kind of host. */
export type Proof =
  /** How commands.test.ts runs it. */
  | "here"
  /** By a test file below test/ that names the command. */
  | { by: string; note?: string }
  /** It is not: why. */
  | { not: string };

/** One row of the table in docs/support.md. */
export interface Support {
  sandbox: Proof;
  debian: Proof;
  /** A test file with further tests. */
  also?: string;
}

const both: Support = { sandbox: "here", debian: "here" };
const listed: Support = { ...both, also: "e2e/release-commands.test.ts" };
const bare: Support = { ...both, also: "e2e/bare-host.test.ts" };
const bootScript = (command: "here" | { not: string }): Support => ({
  sandbox: command,
  debian: { by: "e2e/bootscript.test.ts" },
});
const ITS_MACHINE = { not: "it would change this machine" };
const PYTHON = "e2e/bootstrap-python.test.ts";
const standIn = (tool: string): Support => ({
  sandbox: ITS_MACHINE,
  debian: { by: PYTHON, note: `with a stand-in for ${tool}` },
});

export const support: Readonly<Record<string, Support>> = {
  audit: listed,
  bootscript_list: bootScript("here"),
  bootstrap: bare,
  bootstrap_buildout: bare,
  bootstrap_node: bare,
  bootstrap_python: { sandbox: { not: "it has this machine's" }, debian: { by: PYTHON } },
  bootstrap_python_alpine: standIn("apk"),
  bootstrap_python_arch: standIn("pacman"),
  bootstrap_python_debian: { sandbox: ITS_MACHINE, debian: { by: PYTHON } },
  bootstrap_python_redhat: standIn("dnf and yum"),
  bootstrap_python_slackware: standIn("slackpkg"),
  bootstrap_python_suse: standIn("zypper"),
  bootstrap_python_ubuntu: standIn("apt-get"),
  bootstrap_users: {
    sandbox: { not: "it has one user" },
    debian: { by: "e2e/users.test.ts", note: "also with BusyBox" },
  },
  buildout: both,
  cleanup: listed,
  deploy: bare,
  detecthostos: both,
  diff: listed,
  download: listed,
  get: both,
  hotfix: both,
  install_bootscript: bootScript(ITS_MACHINE),
  lock: { ...both, also: "e2e/lock.test.ts" },
  logs: { ...both, also: "e2e/logs.test.ts" },
  plan: { ...both, also: "e2e/plan.test.ts" },
  postdeploy: both,
  precommands: both,
  predeploy: both,
  put: both,
  put_key: { sandbox: { not: "it has one user" }, debian: { by: "e2e/users.test.ts" } },
  putrsync: both,
  releases: listed,
  rollback: { ...both, also: "e2e/releases.test.ts" },
  run: both,
  setowners: bare,
  ssh: { sandbox: { not: "it has no terminals" }, debian: { by: "e2e/ssh-shell.test.ts" } },
  "ssh-config": both,
  status: { ...both, also: "e2e/status.test.ts" },
  sudo: {
    sandbox: { by: "transcripts/seed.test.ts", note: "with this machine's own sudo" },
    debian: "here",
  },
  sudobuildout: both,
  uninstall_bootscript: bootScript(ITS_MACHINE),
  uploadbuildout: both,
  uploadeggs: both,
  verify: { ...both, also: "e2e/releases.test.ts" },
};

const HERE = "e2e/commands.test.ts";

/** A row as docs/support.md has it. */
export function supportRow(command: string, { sandbox, debian, also }: Support): string {
  const cell = (proof: Proof) => {
    if (proof === "here") return "yes";
    if ("not" in proof) return `no: ${proof.not}`;
    return proof.note === undefined ? "yes" : `yes, ${proof.note}`;
  };
  const files = [sandbox, debian].flatMap((proof) =>
    proof === "here" ? HERE : "by" in proof ? proof.by : [],
  );
  const links = [...new Set([...files, ...(also === undefined ? [] : [also])])].map(
    (file) => `[\`${file}\`](../test/${file})`,
  );
  return `| \`${command}\` | ${cell(sandbox)} | ${cell(debian)} | ${links.join(", ")} |`;
}
