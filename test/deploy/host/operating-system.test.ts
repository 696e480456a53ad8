import { expect, test } from "vitest";
import { nodeInstallLine } from "../../../src/deploy/host/operating-system.ts";

test.each([
  [
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
    "Debian GNU/Linux 12 (bookworm)",
    "apt-get install nodejs npm",
  ],
  ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', "Ubuntu", "apt-get install nodejs npm"],
  [
    'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n',
    "Rocky Linux",
    "dnf install nodejs npm",
  ],
  ["ID=alpine\n", "alpine", "apk add nodejs npm"],
])("%j", async (text, system, command) => {
  expect(await nodeInstallLine(text)).toEqual({ system, command });
});

test.each(["", "ID=plan9\n", "ID=__proto__\n", "[section]\nID=debian\n"])(
  "%j is not a system that we know",
  async (text) => expect(await nodeInstallLine(text)).toBeUndefined(),
);
