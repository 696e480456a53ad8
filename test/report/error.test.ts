import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BuildoutError } from "../../src/errors/error.ts";
import { formatError, formatErrorJson } from "../../src/report/error.ts";

const missing = () =>
  new BuildoutError("missing-option", "Referenced option does not exist: pasterini outout", {
    location: { file: "/project/buildout.cfg", line: 12 },
    hint: "Did you mean 'output'?",
    while: ["Installing.", "Getting section demo."],
  });

describe("an error of the user", () => {
  test("reports what was being done, what is wrong, where, and what to do", () => {
    expect(formatError(missing(), { directory: "/project" })).toBe(
      [
        "While:",
        "  Installing.",
        "  Getting section demo.",
        "Error: Referenced option does not exist: pasterini outout",
        "  at buildout.cfg:12",
        "  Did you mean 'output'?",
        "",
      ].join("\n"),
    );
  });

  test("keeps the full path of a file outside the project, and a URL", () => {
    expect(formatError(missing(), { directory: "/elsewhere" })).toContain(
      "at /project/buildout.cfg:12",
    );
    const remote = new BuildoutError("usage", "bad", {
      location: { file: "http://127.0.0.1/base.cfg", line: 3 },
    });
    expect(formatError(remote, { directory: "/" })).toContain("at http://127.0.0.1/base.cfg:3");
  });

  test("shows control characters, so that they do not affect the terminal", () => {
    const error = new BuildoutError("missing-option", "a\u001b[2Jb\u009bc\rd", {
      ...{ hint: "e\u0007", output: "f\u0008\tg\r\nh", while: ["i\u0000"] },
      location: { file: "/j\u001b" },
    });
    expect(formatError(error)).toBe(
      "While:\n  i\\x00\nError: a\\x1b[2Jb\\x9bc\\x0dd\n  at /j\\x1b\n  f\\x08\tg\r\n  h\n  e\\x07\n",
    );
  });

  test("shows no stack unless asked for", () => {
    expect(formatError(missing())).not.toContain("error.test");
    expect(formatError(missing(), { debug: true })).toContain("error.test");
  });

  test("shows the output of a failed program, indented", () => {
    const failed = new BuildoutError("npm-failed", "npm failed", {
      output: "E404\nno such thing\n",
    });
    expect(formatError(failed)).toBe("Error: npm failed\n  E404\n  no such thing\n");
  });

  test("has color only if it is wanted", () => {
    expect(formatError(missing(), { color: true })).toContain("\x1b[31mError:\x1b[39m");
    expect(formatError(missing())).not.toContain("\x1b");
  });
});

test("a defect is reported as one, with its stack", () => {
  const text = formatError(new TypeError("x is not a function"));
  expect(text).toContain("An internal error occurred due to a bug in either hostout or in a");
  expect(text).toContain("TypeError: x is not a function\n    at ");
});

test("a defect of a recipe is reported with what was being done", () => {
  const cause = new TypeError("x is not a function");
  const text = formatError(
    new BuildoutError("recipe-failed", cause.message, { cause, while: ["Installing demo."] }),
  );
  expect(text.startsWith("While:\n  Installing demo.\n\nAn internal error")).toBe(true);
  expect(text).toContain("TypeError: x is not a function\n    at ");
});

test("a refusal of the operating system is not a defect", () => {
  const refusal = Object.assign(new Error("EACCES: permission denied, open '/x'"), {
    code: "EACCES",
    syscall: "open",
  });
  expect(formatError(refusal)).toBe("Error: EACCES: permission denied, open '/x'\n");
});

test("nor is a refusal of Node's, for a null character in a path or an argument", () => {
  const refused: unknown[] = [];
  for (const attempt of [() => readFileSync("a\0b"), () => spawnSync("true", ["a\0b"])]) {
    try {
      attempt();
    } catch (error) {
      refused.push(formatError(error));
    }
  }
  const message = "Error: Paths and program arguments cannot contain a null character: 'a\\x00b'\n";
  expect(refused).toEqual([message, message]);
});

test("as JSON the same facts", () => {
  expect(JSON.parse(formatErrorJson(missing()))).toEqual({
    error: {
      code: "missing-option",
      message: "Referenced option does not exist: pasterini outout",
      file: "/project/buildout.cfg",
      line: 12,
      hint: "Did you mean 'output'?",
      while: ["Installing.", "Getting section demo."],
    },
  });
  expect(JSON.parse(formatErrorJson(new BuildoutError("usage", "bad")))).toEqual({
    error: { code: "usage", message: "bad" },
  });
});
