// Going back to each of twelve releases, in any order, on a host that reaches nothing but its deployer.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChangingProject } from "../support/changing-project.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { NODE_PACKAGES } from "../support/hosts/root.ts";
import { numbers } from "../support/numbers.ts";
import { differences, treeOf } from "../support/tree.ts";

const RELEASES = Array.from({ length: 12 }, (_, index) => index + 1);
const PATH = "/home/admin/app";
const MINUTES = 60_000;

/** Our own state, and files that Python writes next to those it has read. */
const beside = (path: string) => path === ".hostout" || path.endsWith("/__pycache__");

describe.skipIf(hostsMissing)("twelve releases with parts in Python and Node", () => {
  let host: BareHost;
  let project: ChangingProject;
  const trees = new Map<number, Map<string, string>>();
  const tree = () => treeOf(join(host.root, PATH), beside);

  beforeAll(async () => {
    const packages = [...NODE_PACKAGES, "python3-pip", "python3-venv"];
    host = await startBareHost({ network: "own", sudo: "nopasswd", packages });
    const options = { path: PATH, "known-hosts": host.knownHosts, "keep-releases": "12" };
    project = await ChangingProject.make(host, options);
  }, 15 * MINUTES);

  afterAll(async () => {
    project?.remove();
    await host?.close();
  });

  test(
    "come back byte for byte, in any order",
    async () => {
      const routes = host.run("cat /proc/net/route").trim().split("\n").slice(1);
      expect(routes.map((line) => line.split("\t")[1])).not.toContain("00000000");
      for (const release of RELEASES) {
        project.become(release);
        expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
        trees.set(release, tree());
      }
      expect(new Set([...trees.values()].map((one) => one.get(".installed.cfg"))).size).toBe(12);
      const random = numbers(12);
      const earlier = RELEASES.slice(0, -1).sort(() => random() - 0.5);
      for (const release of [...earlier, RELEASES.at(-1)!]) {
        const { status, stderr } = await project.hostout("host1", "rollback", String(release));
        expect([release, stderr, status]).toEqual([release, "", 0]);
        expect(differences(tree(), trees.get(release)!)).toEqual([]);
      }
    },
    30 * MINUTES,
  );
});
