import { expect, test } from "vitest";
import { diffWithoutSecrets, withoutSecrets } from "../../../src/deploy/plan/hide-options.ts";

const configuration = (password: string, user: string, last: string) => `[db]
port = 8080
password = ${password}
db-passwords +=
    first

    ${user}
    third
    fourth
    fifth
    ${last}
API_KEY: abc
index = https://ann:${password}@pypi.example.org/simple
`;

test("values of options for passwords and the like, and logins, are not shown", () => {
  expect(withoutSecrets(configuration("hunter2", "ann:hunter3", "hunter4"))).toBe(`[db]
port = 8080
password = ***
db-passwords +=
    ***

    ***
    ***
    ***
    ***
    ***
API_KEY: ***
index = https://***@pypi.example.org/simple
`);
});

test("that such a value changes is shown, wherever its option begins", () => {
  const before = configuration("hunter2", "ann:hunter3", "hunter4");
  const diff = diffWithoutSecrets(before, configuration("hunter2", "ann:hunter3", "hunter5"));
  expect(diff).toContain("\n-    ***\n+    ***\n");
  expect(diff).not.toMatch(/hunter|third|password/);
  expect(diffWithoutSecrets(before, before)).toBe("");
  const others = diffWithoutSecrets(before, configuration("hunter9", "ann:hunter3", "hunter4"));
  expect(others).toContain("-password = ***\n+password = ***\n");
  expect(others).toContain("-index = https://***@pypi.example.org/simple\n+index = https://***@");
});

test("lines indented further than such an option belong to it, and nothing else does", () => {
  const program = "def login(user):\n    token = ask(user)\n    if token:\n        go()\n";
  expect(withoutSecrets(program)).toBe(
    "def login(user):\n    token = ***\n    if token:\n        go()\n",
  );
});
