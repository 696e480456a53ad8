import { expect, test } from "vitest";
import type { PythonFacts } from "../../../src/config/conditions/facts.ts";
import type { Interpreter } from "../../../src/distributions/python/interpreter.ts";
import { isWheelFor } from "../../../src/distributions/python/wheel-tags.ts";

const facts = {
  implementation: "CPython",
  versionInfo: [3, 11, 7, "final", 0],
  abiTag: "cp311",
  platform: "linux",
  machine: "x86_64",
  maxSize: 2n ** 63n - 1n,
  libc: ["glibc", "2.36"],
} as unknown as PythonFacts;
const interpreter = { facts: () => facts } as Interpreter;

test.each<[string, boolean | undefined]>([
  ["py3-none-any", true],
  ["py2.py3-none-any", true],
  ["py2-none-any", false],
  ["py38-none-any", true],
  ["py312-none-any", false],
  ["cp311-cp311-linux_x86_64", true],
  ["cp310-cp310-linux_x86_64", false],
  ["cp38-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64", true],
  ["cp312-abi3-manylinux_2_17_x86_64", false],
  ["cp311-cp311-manylinux_2_40_x86_64", undefined],
  ["cp311-cp311-manylinux_2_17_aarch64", undefined],
  ["cp311-cp311-musllinux_1_1_x86_64", undefined],
  ["cp311-cp311-win_amd64", false],
  ["py3-none-linux_x86_64", true],
  ["pp39-pypy39_pp73-linux_x86_64", undefined],
])("a wheel for %s: %s", (tags, runs) => {
  expect(isWheelFor(tags, interpreter)).toBe(runs);
});
