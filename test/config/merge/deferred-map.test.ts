import { expect, test } from "vitest";
import { DeferredMap } from "../../../src/config/merge/deferred-map.ts";

/** A map of three keys, the first two deferred, and the names of those that have been computed. */
function deferredMap() {
  const computed: string[] = [];
  const map = new DeferredMap<string>();
  for (const name of ["a", "b"]) {
    map.defer(name, () => {
      computed.push(name);
      return name.toUpperCase();
    });
  }
  map.set("c", "C");
  return { map, computed };
}

test("a value is computed once, when it is read", () => {
  const { map, computed } = deferredMap();
  expect([map.size, map.has("a"), [...map.keys()], computed]).toEqual([
    3,
    true,
    ["a", "b", "c"],
    [],
  ]);
  expect([map.get("b"), map.get("b"), computed]).toEqual(["B", "B", ["b"]]);
  expect([map.isDeferred("a"), map.isDeferred("b"), map.isDeferred("c")]).toEqual([
    true,
    false,
    false,
  ]);
});

test("values that are replaced or deleted are never computed", () => {
  const { map, computed } = deferredMap();
  map.set("a", "other");
  expect(map.delete("b")).toBe(true);
  expect([...map]).toEqual([
    ["a", "other"],
    ["c", "C"],
  ]);
  map.defer("c", () => "new");
  expect(map.get("c")).toBe("new");
  map.defer("c", () => "never");
  map.clear();
  expect([map.size, map.get("c"), computed]).toEqual([0, undefined, []]);
});

const ALL = [
  ["a", "A"],
  ["b", "B"],
  ["c", "C"],
];

test.each<[string, (map: Map<string, string>) => unknown, unknown]>([
  ["iteration", (map) => [...map], ALL],
  ["entries", (map) => [...map.entries()], ALL],
  ["values", (map) => [...map.values()], ["A", "B", "C"]],
  [
    "forEach",
    (map) => {
      const found: string[][] = [];
      map.forEach((value, key) => void found.push([key, value]));
      return found;
    },
    ALL,
  ],
  ["a copy", (map) => [...new Map(map)], ALL],
])("%s has all values, in order", (_, read, expected) => {
  expect(read(deferredMap().map)).toEqual(expected);
});
