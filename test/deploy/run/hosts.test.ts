import { describe, expect, test, vi } from "vitest";
import { HiddenValues } from "../../../src/buildout/secrets/hidden-values.ts";
import { hostOptions } from "../../../src/deploy/part/options.ts";
import {
  type MaxFail,
  type Rollout,
  readMaxFail,
  readRollout,
} from "../../../src/deploy/part/rollout.ts";
import { type CommandDefinition, commandChains } from "../../../src/deploy/run/chain.ts";
import { type HostsRequest, runHosts } from "../../../src/deploy/run/hosts.ts";
import { BuildoutError } from "../../../src/errors/error.ts";

const NAMES = ["a", "b", "c"];

/** Runs commands that log in nowhere, without a command line. */
function run(
  commands: Record<string, Partial<CommandDefinition>>,
  request: Partial<HostsRequest> = {},
) {
  const definitions = Object.entries(commands).map(([name, definition]) => ({
    ...{ name, description: "", arguments: "none", source: "test" },
    run: async () => undefined,
    ...definition,
  }));
  const hosts = new Map(
    NAMES.map((name) => [name, hostOptions(name, new Map([["host", "192.0.2.1"]]), "/p")]),
  );
  const chains = commandChains([{ commands: definitions }]);
  return runHosts({
    project: {
      directory: "/p",
      hosts,
      secrets: new Map() as ReadonlyMap<string, string>,
    } as HostsRequest["project"],
    ...{
      hosts: NAMES,
      commands: Object.keys(commands),
      args: [],
      acceptNew: false,
      lockWait: 0,
      keepDrift: false,
    },
    chains: new Map(NAMES.map((name) => [name, chains])),
    ...{ report: () => {}, interaction: { env: {} } },
    programs: { engine: "", localFiles: "", rsyncShell: "", version: "" },
    signal: new AbortController().signal,
    hidden: new HiddenValues(),
    ...request,
  });
}

describe("commands on several hosts", () => {
  test("run one host after the other, arguments go to the last command", async () => {
    const log: string[] = [];
    const noting = (command: string): Partial<CommandDefinition> => ({
      async run({ options }, args) {
        log.push([options.name, command, ...args].join(" "));
        return command;
      },
    });
    const results = await run({ first: noting("first"), last: noting("last") }, { args: ["x"] });
    expect(log).toEqual(NAMES.flatMap((name) => [`${name} first`, `${name} last x`]));
    expect(results).toEqual(NAMES.map((host) => ({ host, outcome: "done" })));
  });

  test("the first that fails ends it: a result for every host", async () => {
    const error = new Error("no");
    const reported: unknown[] = [];
    const fail: Partial<CommandDefinition> = {
      async run({ options }) {
        if (options.name === "b") throw error;
      },
    };
    const results = await run({ fail }, { onFailure: (...failure) => reported.push(failure) });
    expect(results).toEqual([
      { host: "a", outcome: "done" },
      { host: "b", outcome: "failed", error },
      { host: "c", outcome: "not-reached" },
    ]);
    expect(reported).toEqual([["b", error]]);
  });

  test("a command that returns false fails and ends the commands of its host", async () => {
    const results = await run({ no: { run: async () => false }, never: {} }, { hosts: ["a"] });
    expect(results).toEqual([{ host: "a", outcome: "failed" }]);
  });

  test("in parallel, all begin before one ends, and a failure does not affect the others", async () => {
    let begun = 0;
    let open = () => {};
    const allBegan = new Promise<void>((resolve) => {
      open = resolve;
    });
    const together: Partial<CommandDefinition> = {
      async run({ options }) {
        begun++;
        if (begun === NAMES.length) open();
        await allBegan;
        if (options.name === "a") throw new Error("no");
      },
    };
    const results = await run({ together }, { pool: 32 });
    expect(results.map(({ outcome }) => outcome)).toEqual(["failed", "done", "done"]);
  });

  test("a command that is marked as serial is never run in parallel", async () => {
    let running = 0;
    const serial: Partial<CommandDefinition> = {
      parallel: false,
      async run() {
        running++;
        expect(running).toBe(1);
        await Promise.resolve();
        running--;
      },
    };
    const results = await run({ serial }, { pool: 32 });
    expect(results.map(({ outcome }) => outcome)).toEqual(["done", "done", "done"]);
  });

  test("an interruption ends the hosts that run, and begins no other", async () => {
    const abort = new AbortController();
    const stop: Partial<CommandDefinition> = {
      async run({ session }) {
        abort.abort();
        session.signal.throwIfAborted();
      },
    };
    const results = await run({ stop }, { signal: abort.signal, pool: 1 });
    expect(results.map(({ outcome }) => outcome)).toEqual([
      "interrupted",
      "not-reached",
      "not-reached",
    ]);
  });

  test("a stop lets running hosts finish, and starts no other", async () => {
    const stop = new AbortController();
    const finished: unknown[] = [];
    const goOn: Partial<CommandDefinition> = {
      async run({ session }) {
        stop.abort();
        await new Promise(setImmediate);
        session.signal.throwIfAborted();
      },
    };
    const report: HostsRequest["report"] = (event) => {
      if (event.type === "finished") finished.push([event.host, event.outcome]);
    };
    const results = await run({ goOn }, { stop: stop.signal, pool: 2, report });
    const outcomes = ["done", "done", "not-reached"];
    expect(results.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(finished).toEqual(NAMES.map((name, index) => [name, outcomes[index]]));
  });

  test("no further batch begins after more hosts than allowed have failed", async () => {
    const failOn = (...names: string[]): Partial<CommandDefinition> => ({
      run: async ({ options }) => !names.includes(options.name),
    });
    const outcomes = async (request: Partial<HostsRequest>, ...names: string[]) =>
      (await run({ fail: failOn(...names) }, request)).map(({ outcome }) => outcome);
    const maxFail = (text: string) => readMaxFail(text) as MaxFail;
    expect(await outcomes({ maxFail: maxFail("1") }, "a")).toEqual(["failed", "done", "done"]);
    const two = ["failed", "failed", "not-reached"];
    expect(await outcomes({ maxFail: maxFail("1") }, "a", "b")).toEqual(two);
    const rollout = readRollout("2 100%") as Rollout;
    expect(await outcomes({ rollout }, "a")).toEqual(["failed", "done", "not-reached"]);
  });

  test("listeners for the interruption are removed with their host", async () => {
    const abort = new AbortController();
    const listening = vi.spyOn(abort.signal, "addEventListener");
    const listen: Partial<CommandDefinition> = {
      run: async ({ session }) => session.signal.addEventListener("abort", () => {}),
    };
    await run({ listen }, { signal: abort.signal, pool: 3 });
    expect(listening).toHaveBeenCalledTimes(1);
  });

  test("a host that was unhealthy and rolled back is distinguished from others that failed", async () => {
    const deploy: Partial<CommandDefinition> = {
      async run({ options, call }) {
        if (options.name !== "b") await call("rollback");
        const code = options.name === "c" ? "host-locked" : "unhealthy";
        throw new BuildoutError(code, "no");
      },
    };
    const results = await run({ rollback: {}, deploy }, { commands: ["deploy"], pool: 3 });
    expect(results.map(({ outcome }) => outcome)).toEqual(["rolled-back", "failed", "failed"]);
  });
});
