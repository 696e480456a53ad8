/** Life cycles drawn at random: the same ones for the same seed. */
import { configuration, type LifeCycle, type Step } from "./life-cycles.ts";

type Options = Map<string, string>;

/** The parts of a buildout, in order, as it changes from step to step. */
type Parts = Map<string, Options>;

/** A number below `limit`. */
export type Draw = (limit: number) => number;

/** A small random number generator (xorshift): Node's own takes no seed. */
export function drawing(seed: number): Draw {
  let state = (seed * 2654435761 + 1) >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % limit;
  };
}

const NAMES = ["a", "b", "c", "d"];

const VALUES = [
  "one",
  "two words",
  "",
  "$${x}",
  "%(s)s",
  "${buildout:directory}/x",
  "\n    l1\n    l2",
];

function texts(draw: Draw): string {
  return VALUES[draw(VALUES.length)]!;
}

function newPart(draw: Draw): Options {
  const kind = draw(6);
  if (kind === 0) return new Map([["recipe", "lifecycle:plain"]]);
  if (kind > 1)
    return new Map([
      ["recipe", "lifecycle"],
      ["text", texts(draw)],
    ]);
  const paths = draw(2) === 0 ? "made" : "made made-too";
  return new Map([
    ["recipe", "lifecycle:returns"],
    ["paths", paths],
  ]);
}

/** A failure for one step, or none. */
const TROUBLE = ["fail", "fail-init", "fail-update", "kill"];

function change(parts: Parts, draw: Draw): Record<string, null> {
  const names = [...parts.keys()];
  const name = names[draw(names.length)] ?? "a";
  const options = parts.get(name);
  for (const each of parts.values()) for (const trouble of TROUBLE) each.delete(trouble);
  switch (draw(10)) {
    case 0:
    case 1:
      options?.set("text", texts(draw));
      return {};
    case 2:
      options?.set(TROUBLE[draw(TROUBLE.length)]!, "yes");
      if (draw(2) === 0) options?.set("text", texts(draw));
      return {};
    case 3:
      parts.delete(name);
      return {};
    case 4:
      parts.set(NAMES.find((one) => !parts.has(one)) ?? name, newPart(draw));
      return {};
    case 5: {
      const other = NAMES.find((one) => !parts.has(one));
      if (options === undefined || other === undefined) return {};
      parts.delete(name);
      parts.set(other, options);
      return {};
    }
    case 6:
      parts.set(name, newPart(draw));
      return {};
    case 7:
      return { [`parts/${name}`]: null, ...(draw(2) === 0 && { made: null }) };
    case 8:
      options?.set("more", `extra-${draw(3)}`);
      return {};
    default: {
      const last = names.at(-1);
      if (last !== undefined && last !== name) options?.set("other", `\${${last}:text}`);
      return {};
    }
  }
}

function words(parts: Parts, draw: Draw): string[] {
  const names = [...parts.keys()];
  switch (draw(8)) {
    case 0:
      return ["install", ...names.slice(draw(names.length + 1))];
    case 1:
      return ["-N"];
    case 2:
      return [`${names[0] ?? "a"}:text=line`];
    default:
      return [];
  }
}

function step(parts: Parts, draw: Draw): Step {
  const removed = change(parts, draw);
  const sections = Object.fromEntries(
    [...parts].map(([name, options]) => [
      name,
      [...options].map(([option, value]) => `${option} = ${value}`).join("\n"),
    ]),
  );
  const file = configuration([...parts.keys()].join(" "), sections);
  const killed = [...parts.values()].some((options) => options.has("kill"));
  return { change: { ...removed, "buildout.cfg": file }, run: words(parts, draw), killed };
}

export function generatedLifeCycles(seed: number, count: number): Record<string, LifeCycle> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => {
      const draw = drawing(seed * 1000 + at);
      const parts: Parts = new Map([
        ["a", newPart(draw)],
        ["b", newPart(draw)],
      ]);
      const steps = Array.from({ length: 4 + draw(4) }, () => step(parts, draw));
      return [`drawn ${seed}/${at}`, steps];
    }),
  );
}
