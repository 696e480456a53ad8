import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { knownHashes, readLocalFiles } from "../../../src/deploy/release/local-files.ts";
import { scratchFiles } from "../../support/scratch.ts";

/** The configuration files that a host gets: path -> text. */
async function sent(given: Record<string, string>, include: string[] = []) {
  const p = scratchFiles(given);
  const options = { name: "web1", buildout: ["buildout.cfg"], parts: [], sudoParts: [], include };
  const { files } = await readLocalFiles(
    { directory: p.directory, options, env: {} },
    knownHashes({ stateDirectory: p.directory }),
  );
  const text = ({ content, source }: (typeof files)[number]) =>
    content?.toString() ?? readFileSync(source!, "utf8");
  return Object.fromEntries(files.map((file) => [file.path, text(file)]));
}

test("passwords of hosts are not sent, in whichever way a host gets them", async () => {
  const files = await sent({
    "buildout.cfg":
      "[buildout]\nextends = more.cfg\n[web1]\nrecipe = collective.hostout\n" +
      "host = h\npassword = canary-1\nuser = u\nbuildout-password =\n    canary-2\n    canary-3\n# end\n" +
      "[web2]\n<= base\n[web3]\n<=\n    other\n    base\nextends = plugin\n" +
      "[other]\nPassword = kept\npassword += canary-6\n[plugin]\npassword=canary-7\n",
    "more.cfg": "[base]\r\nrecipe = hostout\r\npassword = canary-4\r\nhost = b\r\n",
  });
  expect(JSON.stringify(files)).not.toContain("canary");
  expect(files["buildout.cfg"]).toContain(
    "password = \nuser = u\nbuildout-password =\n    \n# end\n[web2]",
  );
  expect(files["buildout.cfg"]).toContain("Password = kept\npassword += \n[plugin]\npassword=\n");
  expect(files["more.cfg"]).toBe("[base]\r\nrecipe = hostout\r\npassword = \r\nhost = b\r\n");
});

test("other passwords are left as they are, and so are files without any", async () => {
  const given = {
    "buildout.cfg":
      "[buildout]\n[web1]\nrecipe = hostout\npassword = canary-5\n[db]\npassword = for the host\n",
    "plain.cfg": "[db]\npassword = also for the host\n",
  };
  const files = await sent(given, ["*.cfg"]);
  expect(files).toEqual({
    "buildout.cfg": given["buildout.cfg"].replace("canary-5", ""),
    "plain.cfg": given["plain.cfg"],
  });
});
