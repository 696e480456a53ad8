// Which test files are slow: they install packages, make hosts, or start the command dozens of times.
// The others are the unit tests, for everyday work: `npm run test:unit`. Slow files run first, in this
// order, so that all workers end at about the same time.

/** Test files below test/ and folders of them, longest first. */
export const SLOW: readonly string[] = [
  "e2e/bootstrap-python.test.ts",
  "distributions/release/",
  "e2e/bare-host.test.ts",
  "recipes/plugins/",
  "e2e/",
  "distributions/",
  "transcripts/",
  "recipes/egg/",
  "bridge/",
  "cli/buildout.test.ts",
  "cli/corpus.test.ts",
  "config/corpus.test.ts",
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
  "ssh/config/ssh-differential.test.ts",
  "ssh/authentication/",
  "ssh/commands/sudo.test.ts",
  "ssh/unusual-hosts.test.ts",
  "ssh/certificates.test.ts",
  "cli/certificates.test.ts",
  "cli/json.test.ts",
  "deploy/host/remote.test.ts",
  "layers/sizes.test.ts",
  "support/",
];

/** The place of a file in the order of a whole run; those that are not slow come last. */
export function place(file: string): number {
  const at = SLOW.findIndex((one) => file.split("/test/").at(-1)!.startsWith(one));
  return at === -1 ? SLOW.length : at;
}
