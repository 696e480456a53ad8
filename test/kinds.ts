// The kinds of test files, so that each command runs the right ones: `npm run test:unit` for everyday work,
// `npm test` before a push, and in CI also `npm run test:hosts`, `npm run test:cloud`, `npm run
// test:packages` and `npm run parity`.

/** Files and directories below test/ that use whole hosts, and install Node, Python or packages on them. */
const HOSTS: readonly string[] = [
  "e2e/bootstrap-python.test.ts",
  "e2e/bare-host.test.ts",
  "e2e/bare-host-python.test.ts",
  "e2e/bootscript.test.ts",
  "e2e/demonstration-hosts.test.ts",
  "e2e/deploy-action.test.ts",
  "e2e/difficult-hosts.test.ts",
  "e2e/health-hosts.test.ts",
  "e2e/host-node.test.ts",
  "e2e/lock-hosts.test.ts",
  "e2e/plan-hosts.test.ts",
  "e2e/plan-python.test.ts",
  "e2e/rollback-hosts.test.ts",
  "e2e/root-crontab-hosts.test.ts",
  "e2e/tunnel-host.test.ts",
  "e2e/users.test.ts",
  "faults/",
  "recipes/plugins/hostout-cloud/debian-machines.test.ts",
  "recipes/plugins/hostout-docker.test.ts",
  "recipes/plugins/hostout-pushdeploy.test.ts",
  "recipes/plugins/python-engine-plugins.test.ts",
  "support/hosts/",
];

/** Those that boot virtual machines of libvirt. */
const CLOUD: readonly string[] = ["recipes/plugins/hostout-cloud/libvirt.test.ts"];

/** Those that build and install real packages with pip and npm, dozens of times. */
const PACKAGES: readonly string[] = [
  "distributions/node/install-packages.test.ts",
  "distributions/python/install/install-distributions.test.ts",
  "distributions/release/node-release.test.ts",
  "distributions/release/python-release.test.ts",
  "e2e/python-release.test.ts",
  "e2e/seed.test.ts",
  "recipes/egg/custom.test.ts",
  "recipes/plugins/hostout-supervisor.test.ts",
  "support/index-server.test.ts",
  "transcripts/",
];

/** Those that compare us with an original, case by case. */
const COMPARISONS: readonly string[] = [
  "cli/corpus.test.ts",
  "config/corpus.test.ts",
  "parity/",
  "ssh/config/ssh-differential.test.ts",
  "ssh/config/tokens.test.ts",
  "ssh/known-hosts/ssh-known-hosts.test.ts",
];

/** Those of them of which `npm test` runs a sample: every so many cases. */
const SAMPLED: readonly string[] = [
  "config/corpus.test.ts",
  "ssh/config/ssh-differential.test.ts",
  "ssh/known-hosts/ssh-known-hosts.test.ts",
];

/**
 * Slow files: they install packages, or start the command dozens of times. They run first, in this order, so
 * that all workers end at about the same time.
 */
export const SLOW: readonly string[] = [
  ...HOSTS,
  ...CLOUD,
  ...PACKAGES,
  "distributions/release/",
  "recipes/plugins/",
  "e2e/",
  "distributions/",
  "recipes/egg/",
  "bridge/",
  "cli/buildout.test.ts",
  ...COMPARISONS,
  "build.test.ts",
  "cli/new-recipe.test.ts",
  "recipes/mr-developer/",
  "buildout/run/kill.test.ts",
  "recipes/node/",
  "buildout/run/python.test.ts",
  "recipes/cmmi/",
  "recipes/testrunner/",
  "recipes/hello.test.ts",
  "recipes/supervisor/",
  "recipes/gp-node/",
  "cli/recipe-failures.test.ts",
  "types/",
  "ssh/authentication/",
  "ssh/commands/sudo.test.ts",
  "ssh/unusual-hosts.test.ts",
  "ssh/certificates.test.ts",
  "cli/alone.test.ts",
  "cli/certificates.test.ts",
  "cli/fuzz.test.ts",
  "cli/signals.test.ts",
  "cli/json.test.ts",
  "deploy/host/ask-health.test.ts",
  "deploy/host/let-in.test.ts",
  "deploy/host/release-state.test.ts",
  "deploy/host/root-paths.test.ts",
  "layers/sizes.test.ts",
  "buildout/lint/",
  "ssh/commands/exec.test.ts",
  "ssh/slow-line.test.ts",
  "support/",
];

/** The tests to run: all, those of `npm test`, or those of the command with that name. */
type Selection = "everything" | "test" | "unit" | "hosts" | "cloud" | "packages" | "parity";

const selection = (process.env.HOSTOUT_TESTS ?? "everything") as Selection;

/** Of comparisons with hundreds of cases, only every n-th case is run. */
export const EVERY = selection === "test" ? 8 : 1;

/** The files and directories below test/ that the selection includes and excludes. */
export function chosen(): { include: readonly string[]; exclude: readonly string[] } {
  switch (selection) {
    case "hosts":
      return { include: HOSTS, exclude: [] };
    case "cloud":
      return { include: CLOUD, exclude: [] };
    case "packages":
      return { include: PACKAGES, exclude: [] };
    case "parity":
      return { include: COMPARISONS, exclude: [] };
    case "unit":
      return { include: [""], exclude: SLOW };
    case "test": {
      const whole = COMPARISONS.filter((name) => !SAMPLED.includes(name));
      return { include: [""], exclude: [...HOSTS, ...CLOUD, ...PACKAGES, ...whole] };
    }
    case "everything":
      return { include: [""], exclude: [] };
  }
}

/** The position of a file in the order of a whole run; those that are not slow are last. */
export function place(file: string): number {
  const at = SLOW.findIndex((one) => file.split("/test/").at(-1)!.startsWith(one));
  return at === -1 ? SLOW.length : at;
}
