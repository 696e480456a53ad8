import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execaSync } from "execa";
import { expect, onTestFinished, test, vi } from "vitest";
import { indexOf, PYTHON } from "../../support/python-workspace.ts";
import { scratch } from "../../support/scratch.ts";
import { writeWheel } from "../../support/wheel.ts";

const buildout = fileURLToPath(new URL("../../../bin/buildout", import.meta.url));

/** An index that accepts requests and never responds. */
async function silentIndex() {
  const open: ServerResponse[] = [];
  const server = createServer((_request, response) => void open.push(response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`, open };
}

/** Processes whose working directory is this one. */
function processesIn(folder: string): string[] {
  const listed = execaSync("ps", ["-eo", "pid=,args="]).stdout.split("\n");
  return listed.filter((line) => line.includes(folder) && !line.includes("ps -eo"));
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends pip too; the next run succeeds and clears up",
  async (signal) => {
    const { url, open } = await silentIndex();
    const directory = scratch();
    const eggs = path.join(directory, "eggs", "v5");
    mkdirSync(path.join(directory, "home"));
    const write = (index: string) =>
      writeFileSync(
        path.join(directory, "buildout.cfg"),
        `[buildout]\nparts = app\nexecutable = ${PYTHON}\nindex = ${index}\n` +
          "[app]\nrecipe = zc.recipe.egg\neggs = good\n",
      );
    write(url);
    const env = { ...process.env, HOME: path.join(directory, "home") };
    const child = spawn(process.execPath, [buildout], { cwd: directory, env, stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    await vi.waitFor(() => expect(open.length).toBeGreaterThan(0), { timeout: 120_000 });
    expect(processesIn(directory)).not.toEqual([]);
    child.kill(signal);
    expect(await ended).toBe(signal === "SIGINT" ? 130 : 143);
    await vi.waitFor(() => expect(processesIn(directory)).toEqual([]), { timeout: 120_000 });
    const left = readdirSync(eggs);
    expect(left).not.toContain(".buildout-lock");

    const index = await indexOf(writeWheel(scratch(), "good", "1.0"));
    write(index.url);
    const again = spawn(process.execPath, [buildout], { cwd: directory, env, stdio: "ignore" });
    expect(await new Promise((resolve) => again.once("close", resolve))).toBe(0);
    expect(readdirSync(eggs)).toEqual([expect.stringMatching(/^good-1\.0-.*\.egg$/)]);
  },
);
