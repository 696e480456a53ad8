import { describe, expect, it } from "vitest";
import { earlyValues } from "../../../src/config/resolve/early.ts";
import { ConfigurationFiles } from "../../support/configuration-files.ts";

describe("while [buildout] is resolved", () => {
  it("its options are known as far as no recipe is needed", async () => {
    const workspace = new ConfigurationFiles({
      "buildout.cfg": [
        "[buildout]",
        "index = ${buildout:base}/simple",
        "base = ${places:index}",
        "find-links = ${made:location}/dist",
        "newest = false",
        "executable = ${made:executable}",
        "[places]",
        "index = http://127.0.0.1/",
        "[made]",
        "recipe = whatever",
        "",
      ].join("\n"),
    });
    const value = earlyValues(await workspace.load(), "/bin/python");
    expect(value("index")).toBe("http://127.0.0.1//simple");
    expect(value("newest")).toBe("false");
    expect(value("find-links")).toBe("${made:location}/dist");
    expect(value("executable")).toBe("/bin/python");
    expect(value("nothing")).toBeUndefined();
  });

  it("eggs are in the same place as in later runs", async () => {
    const written = ["", "eggs-directory-version = w\n", "eggs-directory-version =\n"];
    const folders = written.map(async (options) => {
      const text = `[buildout]\neggs-directory = /e\n${options}`;
      const workspace = new ConfigurationFiles({ "buildout.cfg": text });
      return earlyValues(await workspace.load())("eggs-directory");
    });
    expect(await Promise.all(folders)).toEqual(["/e/v5", "/e/w", "/e"]);
  });
});
