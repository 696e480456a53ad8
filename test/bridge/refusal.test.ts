import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type RefusalKind, refusal } from "../../src/bridge/refusal.ts";
import { BuildoutError } from "../../src/errors/error.ts";

const folder = fileURLToPath(new URL("../../src/bridge/python", import.meta.url));

test("the Python side has a class for every kind of refusal", () => {
  const kinds = {
    authentication: true,
    "command-timeout": true,
    "missing-file": true,
    "no-such-host": true,
    "not-permitted": true,
    ssh: true,
    "transfer-failed": true,
    unreachable: true,
    "missing-distribution": true,
    "missing-option": true,
    "missing-section": true,
    "type-error": true,
    "version-conflict": true,
    default: true,
  } satisfies Record<RefusalKind, true>;
  const python = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
  const classes = [...python.matchAll(/(?:CLASSES|MODERN)(?:\[| = \{)"([a-z-]+)"/g)].map(
    ([, kind]) => kind,
  );
  expect([...new Set(classes)].sort()).toEqual(Object.keys(kinds).sort());
});

test("a distribution that the index does not have is a missing one", () => {
  const { kind } = refusal(new BuildoutError("package-not-found", "Couldn't find it."), 0);
  expect(kind).toBe("missing-distribution");
  expect(refusal(new TypeError("not so"), 0).kind).toBe("type-error");
});
