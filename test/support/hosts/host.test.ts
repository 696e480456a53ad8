import { execFileSync } from "node:child_process";
import { basename, dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { login, processesWith, scratchFolder, startSshdServer, usersMissing } from "../servers.ts";
import { type BareHost, hostsMissing, startBareHost } from "./host.ts";

describe.skipIf(hostsMissing !== undefined)(`bare hosts ${hostsMissing ?? ""}`, () => {
  test("have sshd, sudo and one user, no Python, Node or curl", async () => {
    const host = await startBareHost({ network: "shared" });
    try {
      expect(host.run("cat /etc/os-release")).toContain("ID=debian");
      for (const name of ["python3", "node", "npm", "curl", "wget", "gcc"]) {
        expect(host.attempt(`command -v ${name}`).status, name).not.toBe(0);
      }
      const connection = await login(host, await scratchFolder());
      const result = await connection.sudo("id -un; hostname", { password: host.password });
      expect(result.stdout).toBe("root\nbare\n");
      await connection.close();
    } finally {
      await host.close();
    }
  });

  test("have addresses of their own and no way out", async () => {
    const hosts: BareHost[] = [];
    try {
      for (const _ of [1, 2]) hosts.push(await startBareHost({ network: "own" }));
      expect(hosts[0]!.host).not.toBe(hosts[1]!.host);
      for (const host of hosts) {
        const connection = await login(host, await scratchFolder());
        expect((await connection.exec("pwd")).stdout).toBe("/home/admin\n");
        await connection.close();
        expect(host.run("cat /proc/net/route")).not.toMatch(/^\S+\s00000000\s/m);
      }
    } finally {
      for (const host of hosts) await host.close();
    }
  });

  test("may have systemd", async () => {
    const host = await startBareHost({ network: "own", init: "systemd" });
    try {
      expect(host.run("systemctl is-active ssh")).toBe("active\n");
    } finally {
      await host.close();
    }
    const groups = execFileSync("find", ["/sys/fs/cgroup", "-name", "hostout-*"]).toString();
    expect(groups).not.toContain(basename(dirname(host.knownHosts)));
  });

  test("end with all that runs on them", async () => {
    const host = await startBareHost({ network: "shared" });
    const mark = `sleep 71${process.pid}`;
    host.run(`setsid ${mark} >/dev/null 2>&1 &`);
    expect(await processesWith(mark)).toHaveLength(1);
    await host.close();
    expect(await processesWith(mark)).toEqual([]);
  });

  test.skipIf(usersMissing !== undefined)(
    "keep their processes when a user of this machine with the same number goes",
    async () => {
      const host = await startBareHost({ network: "shared" });
      try {
        const server = await startSshdServer();
        const uid = execFileSync("id", ["-u", server.user], { encoding: "utf8" }).trim();
        const mark = `sleep 72${process.pid}`;
        host.run(`useradd --non-unique --uid ${uid} twin`);
        host.run(`setsid su twin -c 'exec ${mark}' >/dev/null 2>&1 &`);
        await expect.poll(() => processesWith(mark)).not.toEqual([]);
        await server.close();
        expect(await processesWith(mark)).not.toEqual([]);
      } finally {
        await host.close();
      }
    },
  );
});
