import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import genshi from "../../../recipes/template/genshi.ts";
import template from "../../../recipes/template/index.ts";
import { project } from "../../support/engine-project.ts";
import { makePart, type TestPartRequest } from "../../support/recipe-part.ts";
import { scratch } from "../../support/scratch.ts";

const OTHER = { other: { value: "of other", path: "/x" } };

/** Runs the recipe as an installation would. */
async function install(options: Record<string, string>, more: TestPartRequest = {}) {
  const made = await makePart(template, { options, sections: OTHER, ...more });
  const installed = await template.install(made.part as never, made.prepared);
  const output = path.resolve(made.directory, options.output ?? "");
  return { ...made, installed, output, text: () => readFileSync(output, "utf8") };
}

function withFile(name: string, content: string | Buffer, mode = 0o644): string {
  const directory = scratch();
  writeFileSync(path.join(directory, name), content);
  chmodSync(path.join(directory, name), mode);
  return directory;
}

describe("a template file", () => {
  test("has its references replaced; a bare name is an option of the part", async () => {
    const directory = withFile("in.txt", "a ${port} b ${:port} c ${other:value}\r\n$$ $x {y}\n\n");
    const options = { input: "in.txt", output: "out.txt", port: "8080" };
    const { text, installed } = await install(options, { directory });
    expect(text()).toBe("a 8080 b 8080 c of other\r\n$$ $x {y}\n\n");
    expect(installed).toEqual(["out.txt"]); // as it was written in the option
  });

  test("and the result, even one that must not be overwritten, are what the next run depends on", async () => {
    const directory = withFile("in.txt", "");
    const settled = async (more: Record<string, string>) => {
      const options = { output: "out.txt", overwrite: "false", ...more };
      const { part, prepared } = await makePart(template, { options, directory });
      return template.settled?.(part as never, prepared);
    };
    expect(await settled({ input: "in.txt" })).toEqual(["in.txt", "out.txt"]);
    expect(await settled({ inline: "x" })).toEqual(["out.txt"]);
    expect(await settled({ input: "inline:x" })).toEqual(["out.txt"]);
  });

  test("has no escape character: `$$` is kept, and a reference after it is resolved", async () => {
    const options = { input: "a.in", output: "o.txt", y: "1" };
    const files = {
      "buildout.cfg": [
        "[buildout]\nparts = t\n[vals]\ny = Y\nz = $${a} $$",
        "[t]\nrecipe = collective.recipe.template",
        ...Object.entries(options).map(([name, value]) => `${name} = ${value}`),
      ].join("\n"),
      "a.in": "a $${y} b $${:y} c $${vals:y} d $$ e $$$${y} f ${vals:z}",
    };
    const made = project(files, { "collective.recipe.template": template });
    expect((await made.run()).error).toBeUndefined();
    expect(made.read("o.txt")).toBe("a $1 b $1 c $Y d $$ e $$$1 f $${a} $$");
    made.write("a.in", "echo $${HOME}");
    expect((await made.run()).error?.message).toBe("Referenced option does not exist: t HOME");
  });

  test("passes its permissions on to the result, unless `mode` is set", async () => {
    const directory = withFile("in.sh", "#!/bin/sh\n", 0o755);
    const options = { input: "in.sh", output: "out.sh" };
    const copied = await install(options, { directory });
    expect(statSync(copied.output).mode & 0o7777).toBe(0o755);
    const set = await install({ ...options, output: "two.sh", mode: "0640" }, { directory });
    expect(statSync(set.output).mode & 0o7777).toBe(0o640);
  });

  test("is read and written in the encodings that are named", async () => {
    const directory = withFile("in.txt", Buffer.from([0xe4, 0x20, 0xa4]));
    const made = await install(
      { input: "in.txt", output: "o", "input-encoding": "iso-8859-15" },
      { directory },
    );
    expect(made.text()).toBe("ä €");
    for (const [encoding, bytes] of [
      ["iso-8859-15", [0xe4, 0x20, 0xa4]],
      ["cp1252", [0xe4, 0x20, 0x80]],
      ["utf_8", [...Buffer.from("ä €")]],
    ] as const) {
      const encodings = { "input-encoding": "iso_8859-15", "output-encoding": encoding };
      await install({ input: "in.txt", output: "o", ...encodings }, { directory });
      expect([...readFileSync(path.join(directory, "o"))]).toEqual(bytes);
    }
  });

  test("in a different encoding is an error that names the file", async () => {
    const directory = withFile("in.txt", Buffer.from([0xe4]));
    await expect(install({ input: "in.txt", output: "o" }, { directory })).rejects.toMatchObject({
      code: "invalid-encoding",
      message: `${path.join(directory, "in.txt")} is not encoded in utf-8.`,
    });
    const latin = { input: "in.txt", output: "o", "input-encoding": "latin-1" };
    await expect(
      install({ ...latin, "output-encoding": "ascii" }, { directory }),
    ).rejects.toMatchObject({ message: "'ä' does not exist in ascii." });
  });

  test("keeps a byte order mark", async () => {
    const directory = withFile("in.txt", "\ufeffx");
    const { output } = await install({ input: "in.txt", output: "o" }, { directory });
    expect([...readFileSync(output)]).toEqual([0xef, 0xbb, 0xbf, 0x78]);
  });

  test("with a reference to nothing is an error before anything is written", async () => {
    const directory = withFile("in.txt", "${nope}");
    await expect(install({ input: "in.txt", output: "o" }, { directory })).rejects.toMatchObject({
      message: "Referenced option does not exist: demo nope",
    });
    expect(existsSync(path.join(directory, "o"))).toBe(false);
  });
});

describe("a template in the configuration", () => {
  test("after `inline:` keeps the lists of an INI file, whose indentation zc.buildout removes", async () => {
    const lines = ["[a]", "pipeline =", "egg:Paste#x", "app", "use: b", "[b]", "empty =", "x = 1"];
    const { text } = await install({ input: `inline:\n${lines.join("\n")}`, output: "o" });
    expect(text()).toBe("[a]\npipeline =\n    egg:Paste#x\n    app\nuse: b\n[b]\nempty =\nx = 1");
    const script = "if [ $A = 1 ]\nB=\nrun";
    const other = await install({ input: `inline:\n${script}`, output: "o" });
    expect(other.text()).toBe(script);
  });

  test("is `inline`, or `input` after `inline:`, without the space before it", async () => {
    for (const options of [
      { inline: "\n  port = ${:port}\n    more" },
      { input: "inline:\n  port = ${:port}\n    more" },
    ] as Record<string, string>[]) {
      const { text } = await install({ ...options, output: "o", port: "80" });
      expect(text()).toBe("port = 80\n    more");
    }
  });

  test("gets the usual permissions", async () => {
    const { output } = await install({ inline: "x", output: "o" });
    expect(statSync(output).mode & 0o777).toBe(0o666 & ~process.umask());
  });
});

describe("a template from a URL", () => {
  async function serve(answer: string | undefined) {
    const server = createServer((request, response) => {
      if (request.url === "/404") response.writeHead(404).end();
      else if (answer !== undefined) response.end(answer);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("is fetched once, when the part is initialized", async () => {
    const url = `http://${await serve("from ${other:value}")}/t`;
    expect((await install({ url, output: "o" })).text()).toBe("from of other");
  });

  test("is kept in the cache for when it cannot be fetched", async () => {
    const address = await serve("kept");
    const downloadCache = scratch();
    const options = { url: `http://${address}/t`, output: "o" };
    await install(options, { buildout: { downloadCache } });
    const offline = { downloadCache, offline: true, newest: false };
    expect((await install(options, { buildout: offline })).text()).toBe("kept");
    const other = { ...options, url: `http://${address}/other` };
    await expect(install(other, { buildout: offline })).rejects.toMatchObject({
      code: "offline",
      message: `Couldn't download 'http://${address}/other' in offline mode.`,
    });
  });

  test("is downloaded through the proxy", async () => {
    const before = { ...process.env };
    onTestFinished(() => {
      process.env = before;
    });
    process.env.http_proxy = `http://${await serve("from the proxy")}`;
    process.env.no_proxy = "";
    const { text } = await install({ url: "http://nowhere.invalid/t", output: "o" });
    expect(text()).toBe("from the proxy");
  });

  test("that fails is an error without the password in the address", async () => {
    const address = await serve(undefined);
    await expect(install({ url: `http://joe:secret@${address}/404`, output: "o" })).rejects.toThrow(
      /Couldn't read http:\/\/127/,
    );
    await expect(install({ url: `http://${address}/404`, output: "o" })).rejects.toThrow(
      "HTTP Error 404: Not Found",
    );
    await expect(
      install({ url: `http://${address}/slow`, output: "o", timeout: "0.05" }),
    ).rejects.toThrow("no answer within 0.05 s");
    await expect(install({ url: "http://127.0.0.1:9/", output: "o" })).rejects.toMatchObject({
      code: "download-failed",
    });
  });
});

describe("the output", () => {
  test("creates its directories, which then belong to the part", async () => {
    const { created, text } = await install({ inline: "x", output: "parts/demo/o" });
    expect(text()).toBe("x");
    expect(created).toEqual(["parts", "parts/demo", "parts/demo/o"]);
  });

  test("creates them under their names, whatever slashes are in between", async () => {
    const { installed } = await install({ inline: "x", output: "etc//sub/out" });
    expect(installed).toEqual(["etc", "etc//sub", "etc//sub/out"]);
  });

  test("is left alone and not the part's with overwrite = false", async () => {
    const directory = withFile("o", "mine");
    const options = { inline: "x", output: "o", overwrite: "false" };
    const { text, installed } = await install(options, { directory });
    expect(text()).toBe("mine");
    expect(installed).toEqual([]);
    for (const yes of ["y", "Yes", "1", "TRUE"]) {
      const made = await install({ ...options, inline: yes, overwrite: yes }, { directory });
      expect(made.text()).toBe(yes);
    }
  });

  test("is written again by an update only when it is missing or differs", async () => {
    const { part, prepared, output, text } = await install({ inline: "x", output: "o" });
    const before = statSync(output).ino;
    expect(await template.update?.(part as never, prepared)).toBeUndefined();
    expect(statSync(output).ino).toBe(before);
    writeFileSync(output, "changed");
    expect(await template.update?.(part as never, prepared)).toContain("o");
    expect(text()).toBe("x");
  });

  test("cannot be a directory", async () => {
    const directory = scratch();
    mkdirSync(path.join(directory, "o"));
    await expect(install({ inline: "x", output: "o" }, { directory })).rejects.toMatchObject({
      code: "is-directory",
    });
  });
});

describe("mistakes in the part", () => {
  test.each([
    [{ output: "o" }, "No input file, inline template, or URL specified."],
    [{ inline: "x" }, "No output file specified."],
    [{ inline: "x", input: "y", output: "o" }, "Too many input sources."],
    [{ url: "x", input: "y", output: "o" }, "Too many input sources."],
    [{ input: "missing", output: "o" }, "Input file 'missing' does not exist."],
    [{ input: "", output: "o" }, "Input file '' does not exist."],
    [{ inline: "x", output: "o", timeout: "1 s" }, "timeout is '1 s', not a number of seconds."],
  ])("%j: %s", async (options, message) => {
    const directory = scratch();
    const made = makePart(template, { options, directory });
    await expect(made).rejects.toMatchObject({ name: "BuildoutError", message });
  });

  test("a mode that is not an octal number", async () => {
    await expect(install({ inline: "x", output: "o", mode: "rw" })).rejects.toMatchObject({
      code: "invalid-value",
    });
  });

  test("Genshi templates are refused with an alternative", async () => {
    await expect(makePart(genshi)).rejects.toMatchObject({
      code: "unsupported-recipe",
      hint: expect.stringContaining("collective.recipe.template"),
    });
  });
});
