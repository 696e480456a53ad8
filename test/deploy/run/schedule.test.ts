import { describe, expect, test } from "vitest";
import { hostOptions } from "../../../src/deploy/part/options.ts";
import { type CommandDefinition, commandChains } from "../../../src/deploy/run/chain.ts";
import { type Order, scheduleOf, USUAL_POOL } from "../../../src/deploy/run/schedule.ts";

const host = (name: string, options: Record<string, string> = {}) =>
  hostOptions(name, new Map(Object.entries({ host: "192.0.2.1", ...options })), "/p");

const ABC = ["a", "b", "c"];

function schedule(
  command: Partial<CommandDefinition>,
  options: Record<string, string> | Record<string, string>[] = {},
  order: Partial<Order> = {},
) {
  const definition = {
    ...{ name: "x", description: "", arguments: "none", source: "test" },
    run: async () => undefined,
  };
  const chains = commandChains([{ commands: [{ ...definition, ...command }] }]);
  const hosts = ABC.map((name, index) =>
    host(name, Array.isArray(options) ? options[index] : options),
  );
  return scheduleOf({
    ...{ hosts, commands: ["x"], chains: new Map(ABC.map((name) => [name, chains])) },
    ...{ pool: undefined, rollout: undefined, maxFail: undefined },
    ...order,
  });
}

const ALONE = [["a"], ["b"], ["c"]];

describe("which hosts run when", () => {
  test("one after the other, unless the command or the call says otherwise", () => {
    expect(schedule({})).toEqual({ batches: ALONE, pool: USUAL_POOL, maxFail: 0 });
    expect(schedule({ parallel: true }).batches).toEqual([ABC]);
    expect(schedule({}, {}, { pool: 2 })).toMatchObject({ batches: [ABC], pool: 2 });
    expect(schedule({ parallel: false }, {}, { pool: 2 })).toMatchObject({
      batches: ALONE,
      pool: 1,
    });
  });

  test("in the batches of the parts, if the command changes hosts", () => {
    const options = { rollout: "1 100%", "max-fail": "34%" };
    const batches = [["a"], ["b", "c"]];
    expect(schedule({ changes: true }, options)).toMatchObject({ batches, maxFail: 1 });
    expect(schedule({ changes: true }, options, { pool: 5 })).toMatchObject({ batches, pool: 5 });
    expect(schedule({}, options)).toMatchObject({ batches: ALONE, maxFail: 0 });
    const own = { rollout: { text: "2", sizes: [{ hosts: 2 }] } };
    expect(schedule({ changes: true }, options, own).batches).toEqual([["a", "b"], ["c"]]);
  });

  test("parts that differ are wrong usage, unless an option of the call decides", () => {
    const differing: Record<string, string>[] = [{ rollout: "1 100%" }, { rollout: "1  100%" }, {}];
    expect(() => schedule({ changes: true }, differing)).toThrow(
      expect.objectContaining({
        code: "usage",
        message: "These hosts differ in 'rollout': a has '1 100%', c has no value.",
        hint: "Set one value for all: --rollout '1 25% 100%'",
      }),
    );
    expect(() => schedule({}, differing)).not.toThrow();
    const rollout = { text: "100%", sizes: [{ percent: 100 }] };
    expect(schedule({ changes: true }, differing, { rollout }).batches).toEqual([ABC]);
    expect(() =>
      schedule({ changes: true }, [{ "max-fail": "1" }, { "max-fail": "" }, {}]),
    ).toThrow("These hosts differ in 'max-fail': a has '1', b has no value.");
  });
});
