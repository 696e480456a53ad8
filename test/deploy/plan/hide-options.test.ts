import { expect, test } from "vitest";
import { withoutSecrets } from "../../../src/deploy/plan/hide-options.ts";

test("values of options for passwords and the like, and logins, are not shown", () => {
  const diff = `@@ -1,3 +1,3 @@
 [db]
-password = hunter2
+db-password += hunter3
+API_KEY: abc
 port = 8080
+index = https://ann:hunter4@pypi.example.org/simple`;
  expect(withoutSecrets(diff)).toBe(`@@ -1,3 +1,3 @@
 [db]
-password = ***
+db-password += ***
+API_KEY: ***
 port = 8080
+index = https://***@pypi.example.org/simple`);
});
