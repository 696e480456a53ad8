import { describe, expect, test } from "vitest";
import { hostOptions } from "../../../src/deploy/part/options.ts";

const read = (options: Record<string, string>) =>
  hostOptions("web", new Map(Object.entries(options)), "/home/me/site");

describe("the options of a hostout part", () => {
  test("have the defaults that the document names", () => {
    const options = read({ host: "example.com" });
    expect(options).toMatchObject({
      host: "example.com",
      port: undefined,
      buildout: ["buildout.cfg"],
      path: "/var/buildout/web",
      noSudo: false,
      shell: "sh -c",
      versionsFile: "hostoutversions.cfg",
    });
  });

  test.each([
    ["example.com:2222", "example.com", 2222],
    ["[::1]:2222", "::1", 2222],
    ["::1", "::1", undefined],
    ["fe80::1", "fe80::1", undefined],
    ["10.0.0.1", "10.0.0.1", undefined],
  ])("host = %s", (value, host, port) => {
    expect(read({ host: value })).toMatchObject({ host, port });
  });

  test.each(["example.com:", "example.com:ssh", "example.com:0", "example.com:70000"])(
    "host = %s is refused",
    (value) => expect(() => read({ host: value })).toThrow(/web:host: '.*' is not a port/),
  );

  test("names of earlier versions still count", () => {
    const options = read({
      remote_path: "/srv/x/",
      stop_cmd: "bin/stop",
      start_cmd: "bin/start\nbin/check it",
      extra_config: "a b\nc",
      identity_file: "keys/id",
    });
    expect(options.path).toBe("/srv/x");
    expect(options.preCommands).toEqual(["bin/stop"]);
    expect(options.postCommands).toEqual(["bin/start", "bin/check it"]);
    expect(options.include).toEqual(["a b", "c"]);
    expect(options.identityFile).toBe("/home/me/site/keys/id");
  });

  test.each(["srv/x", "/", "//", "~", "/srv/../etc"])("path = %s is refused", (path) => {
    expect(() => read({ path })).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });

  test("a truth value is 'true' or 'false'", () => {
    expect(() => read({ "no-sudo": "yes" })).toThrow(
      "web:no-sudo: 'yes' is neither 'true' nor 'false'.",
    );
  });

  test("options it does not know are kept", () => {
    expect(read({ option1: "buildout" }).all.get("option1")).toBe("buildout");
  });
});
