import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import ssh2, { type AuthContext } from "ssh2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../../src/ssh/connect.ts";
import type { HostTarget, Interaction } from "../../../src/ssh/target.ts";
import {
  makeKey,
  nobody,
  scratchFolder,
  servers,
  startSshdServer,
  type TestServer,
  targetOf,
  usersMissing,
} from "../../support/servers.ts";

/** A person who gives these answers in turn, and the questions asked. */
function person(folder: string, answers: string[], env: Record<string, string> = {}) {
  const questions: string[] = [];
  const notes: string[] = [];
  const interaction: Interaction = {
    ...nobody(folder, env),
    async ask(question, options) {
      questions.push(`${question}${options?.hidden ? "(hidden)" : ""}`);
      return answers.shift() ?? "";
    },
    note: (line) => notes.push(line),
  };
  return { interaction, questions, notes };
}

/** Connects, runs a command, and closes the connection, to show that the login works. */
async function logIn(target: HostTarget, interaction: Interaction): Promise<string> {
  const host = await connect(target, interaction);
  try {
    return (await host.exec("echo in")).stdout;
  } finally {
    await host.close();
  }
}

function startAgent(folder: string, ...keys: string[]) {
  const socket = join(folder, `agent${Math.random()}`);
  const output = execFileSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" });
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(output)![1]);
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  for (const key of keys) execFileSync("ssh-add", ["-q", key], { env });
  return { env: { SSH_AUTH_SOCK: socket }, stop: () => process.kill(pid) };
}

describe.each(servers)("login to $name", ({ name, start, missing }) => {
  // Without root, sshd is tested as the current user, whose password is unknown.
  const noPassword = name === "sshd" ? usersMissing : undefined;
  describe.skipIf(missing)(missing ?? "", () => {
    let folder: string;
    let server: TestServer;
    let base: HostTarget;

    beforeAll(async () => {
      folder = await scratchFolder();
      server = await start();
      const { identityFile: _, ...target } = targetOf(server, folder);
      base = target;
    });
    afterAll(async () => {
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    test("with a key file, or its public half's name", async () => {
      expect(await logIn({ ...base, identityFile: server.key }, nobody(folder))).toBe("in\n");
      expect(await logIn({ ...base, identityFile: `${server.key}.pub` }, nobody(folder))).toBe(
        "in\n",
      );
    });

    test("with the key that ssh would try by itself", async () => {
      const home = join(folder, "home");
      mkdirSync(join(home, ".ssh"), { recursive: true });
      await copyFile(server.key, join(home, ".ssh/id_ed25519"));
      expect(await logIn(base, nobody(home))).toBe("in\n");
    });

    test("with a key of the agent", async () => {
      const agent = startAgent(folder, makeKey(join(folder, "other")), server.key);
      try {
        expect(await logIn(base, nobody(folder, agent.env))).toBe("in\n");
        // IdentitiesOnly ignores keys in the agent that are not configured.
        const only = join(folder, "identities_only");
        writeFileSync(only, `IdentitiesOnly yes\nIdentityFile ${join(folder, "other")}\n`);
        await expect(
          logIn({ ...base, sshConfigFile: only }, nobody(folder, agent.env)),
        ).rejects.toMatchObject({ code: "authentication-failed" });
        // A key whose private half is only in the agent.
        await copyFile(`${server.key}.pub`, join(folder, "public_only.pub"));
        writeFileSync(only, `IdentitiesOnly yes\nIdentityFile ${join(folder, "public_only")}\n`);
        expect(await logIn({ ...base, sshConfigFile: only }, nobody(folder, agent.env))).toBe(
          "in\n",
        );
      } finally {
        agent.stop();
      }
    });

    test("a dead agent does no harm", async () => {
      const env = { SSH_AUTH_SOCK: join(folder, "nobody-listens") };
      expect(await logIn({ ...base, identityFile: server.key }, nobody(folder, env))).toBe("in\n");
      await expect(logIn(base, nobody(folder, env))).rejects.toMatchObject({
        code: "authentication-failed",
        message: expect.stringContaining("ssh-agent"),
      });
    });

    test("with an encrypted key, whose passphrase is asked for", async () => {
      const encrypted = join(folder, "encrypted");
      await copyFile(server.key, encrypted);
      execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "open sesame", "-f", encrypted]);
      const target = { ...base, identityFile: encrypted };
      const { interaction, questions } = person(folder, ["wrong", "open sesame"]);
      expect(await logIn(target, interaction)).toBe("in\n");
      const question = `Passphrase of ${encrypted}: (hidden)`;
      expect(questions).toEqual([question, question]);

      await expect(logIn(target, nobody(folder))).rejects.toMatchObject({
        code: "authentication-failed",
        message: expect.stringContaining(`${encrypted} (encrypted`),
        hint: expect.stringContaining("ssh-add"),
      });
    });

    test("a refused key is named, with the methods that the host would accept", async () => {
      const key = makeKey(join(folder, "refused"));
      await expect(logIn({ ...base, identityFile: key }, nobody(folder))).rejects.toMatchObject({
        code: "authentication-failed",
        message: expect.stringMatching(
          new RegExp(`${server.user}@.*tried key ${key}.*accepts .*publickey`),
        ),
        hint: expect.stringContaining("authorized_keys"),
      });
    });

    test("a key that is named twice, or is in two files, is offered once", async () => {
      const path = makeKey(join(folder, "twice"));
      await copyFile(path, join(folder, "copy"));
      writeFileSync(
        join(folder, "twice_config"),
        `IdentityFile ${path}\nIdentityFile ${join(folder, "copy")}\n`,
      );
      const target = { ...base, identityFile: path, sshConfigFile: join(folder, "twice_config") };
      const error = await logIn(target, nobody(folder)).catch((thrown: Error) => thrown);
      expect(String(error)).toContain(`tried key ${path};`);
    });

    test("an RSA key with fewer bits than RequiredRSASize is not offered", async () => {
      const config = join(folder, "rsa_size");
      const key = makeKey(join(folder, "small"), "", "rsa");
      const target = { ...base, identityFile: key, sshConfigFile: config };
      writeFileSync(config, "RequiredRSASize 2049\n");
      await expect(logIn(target, nobody(folder))).rejects.toMatchObject({
        message: expect.stringMatching(/key \S+ \(not offered: 2048 bits/),
      });
      writeFileSync(config, "RequiredRSASize 2048\n");
      await expect(logIn(target, nobody(folder))).rejects.toMatchObject({
        message: expect.stringContaining(`tried key ${key};`),
      });
    });

    test("with nothing to offer, the error lists what could be used", async () => {
      await expect(logIn(base, nobody(folder))).rejects.toMatchObject({
        code: "authentication-failed",
        message: expect.stringContaining("nothing to offer"),
        hint: expect.stringContaining("identity-file"),
      });
    });

    test("a key in ssh_config that does not exist, or is invalid, is named", async () => {
      const config = join(folder, "config_keys");
      writeFileSync(join(folder, "nonsense"), "nonsense");
      writeFileSync(config, `IdentityFile ${folder}/absent\nIdentityFile ${folder}/nonsense\n`);
      await expect(logIn({ ...base, sshConfigFile: config }, nobody(folder))).rejects.toMatchObject(
        {
          message: expect.stringMatching(
            /tried no key \S+\/absent \(no such file\), no key \S+\/nonsense \(.+\);/,
          ),
          hint: expect.stringContaining("IdentityFile"),
        },
      );
    });

    test("a key file that does not exist, or is not a key, is the user's mistake", async () => {
      const absent = { ...base, identityFile: join(folder, "absent") };
      await expect(logIn(absent, nobody(folder))).rejects.toMatchObject({
        code: "identity-file-unreadable",
        message: expect.stringContaining("no such file"),
      });
      writeFileSync(join(folder, "nonsense"), "nonsense");
      const nonsense = { ...base, identityFile: join(folder, "nonsense") };
      await expect(logIn(nonsense, nobody(folder))).rejects.toMatchObject({
        code: "identity-file-unreadable",
      });
    });

    describe("a private key that others can access, for example with a umask of 022", () => {
      /** The server's key, with other permissions. */
      const exposed = async (name: string, mode = 0o644) => {
        const file = join(folder, name);
        await copyFile(server.key, file);
        chmodSync(file, mode);
        return file;
      };
      const configured = (file: string, ...lines: string[]) => {
        const config = `${file}.config`;
        writeFileSync(config, [`IdentityFile ${file}`, ...lines].join("\n"));
        return { ...base, sshConfigFile: config };
      };

      test.each([0o644, 0o640, 0o601, 0o620])("is refused by name: %o", async (mode) => {
        const file = await exposed(`open ${mode}`, mode);
        await expect(logIn({ ...base, identityFile: file }, nobody(folder))).rejects.toMatchObject({
          code: "identity-file-exposed",
          message: expect.stringContaining(
            `${file} is not used: other users can access it (permissions 0${mode.toString(8)})`,
          ),
          hint: `Run: chmod 600 '${file}'`,
        });
      });

      test("is passed over with a note if the configuration names it, as by ssh", async () => {
        const file = await exposed("named");
        const { interaction, notes } = person(folder, []);
        await expect(logIn(configured(file), interaction)).rejects.toMatchObject({
          code: "authentication-failed",
          message: expect.stringContaining(`key ${file} (permissions 0644 are too open)`),
          hint: `Run: chmod 600 ${file}`,
        });
        expect(notes).toContainEqual(expect.stringContaining(`Run: chmod 600 ${file}`));
        const more = configured(file, `IdentityFile ${server.key}`);
        expect(await logIn(more, nobody(folder))).toBe("in\n");
      });

      test("is passed over without a question for its passphrase", async () => {
        const file = makeKey(join(folder, "exposed_encrypted"), "a phrase");
        chmodSync(file, 0o640);
        const { interaction, questions } = person(folder, ["a phrase"]);
        await expect(logIn({ ...base, identityFile: file }, interaction)).rejects.toMatchObject({
          code: "identity-file-exposed",
        });
        expect(questions).toEqual([]);
      });

      test("does no harm if the agent has the key", async () => {
        const agent = startAgent(folder, server.key);
        try {
          const file = await exposed("in_agent");
          const target = { ...base, identityFile: file };
          expect(await logIn(target, nobody(folder, agent.env))).toBe("in\n");
        } finally {
          agent.stop();
        }
      });

      test.skipIf(usersMissing)("is used if the file belongs to somebody else", async () => {
        const file = await exposed("of_nobody");
        chownSync(file, 65_534, 65_534);
        expect(await logIn({ ...base, identityFile: file }, nobody(folder))).toBe("in\n");
      });

      test("is not a public half: that may be read by all", async () => {
        const agent = startAgent(folder, server.key);
        try {
          const file = join(folder, "public_half");
          await copyFile(`${server.key}.pub`, file);
          chmodSync(file, 0o644);
          const target = configured(file, "IdentitiesOnly yes");
          expect(await logIn(target, nobody(folder, agent.env))).toBe("in\n");
        } finally {
          agent.stop();
        }
      });
    });

    describe.skipIf(noPassword)(`password ${noPassword ?? ""}`, () => {
      test("given", async () => {
        expect(await logIn({ ...base, password: server.password! }, nobody(folder))).toBe("in\n");
      });

      test("after a key that was refused", async () => {
        const identityFile = makeKey(join(folder, "refused_first"));
        const target = { ...base, identityFile, password: server.password! };
        expect(await logIn(target, nobody(folder))).toBe("in\n");
      });

      test("wrong, and nobody to ask", async () => {
        const attempt = logIn({ ...base, password: "wrong secret" }, nobody(folder));
        await expect(attempt).rejects.toMatchObject({
          code: "authentication-failed",
          message: expect.stringContaining("tried password"),
          hint: expect.stringContaining("password"),
        });
        await expect(attempt).rejects.not.toMatchObject({
          message: expect.stringContaining("wrong secret"),
        });
      });

      test("asked for on the terminal, again if mistyped", async () => {
        const typed = ["mistyped", server.password!];
        const { interaction, questions, notes } = person(folder, typed);
        expect(await logIn(base, interaction)).toBe("in\n");
        expect(notes).toContainEqual(expect.stringContaining("wrong password, try again"));
        expect(questions.length).toBeGreaterThan(1);
        expect(questions.every((question) => question.endsWith("(hidden)"))).toBe(true);
      });
    });
  });
});

describe.skipIf(usersMissing)(
  `sshd that asks by keyboard-interactive only ${usersMissing ?? ""}`,
  () => {
    let folder: string;
    let server: TestServer;
    beforeAll(async () => {
      folder = await scratchFolder();
      server = await startSshdServer([
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication yes",
      ]);
    });
    afterAll(async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    });

    test("takes the password of the target", async () => {
      const { identityFile: _, ...target } = targetOf(server, folder);
      expect(await logIn({ ...target, password: server.password! }, nobody(folder))).toBe("in\n");
      await expect(logIn({ ...target, password: "wrong" }, nobody(folder))).rejects.toMatchObject({
        code: "authentication-failed",
        message: expect.stringContaining("keyboard-interactive"),
      });
    });

    test("asks again for a mistyped one", async () => {
      const { identityFile: _, ...target } = targetOf(server, folder);
      const { interaction, notes } = person(folder, ["mistyped", server.password!]);
      expect(await logIn(target, interaction)).toBe("in\n");
      expect(notes).toContainEqual(expect.stringContaining("wrong password, try again"));
    });
  },
);

describe.skipIf(usersMissing)("a password that has expired", () => {
  let folder: string;
  let server: TestServer;
  beforeAll(async () => {
    folder = await scratchFolder();
    server = await startSshdServer([
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication yes",
    ]);
    execFileSync("chage", ["-d", "0", server.user]);
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const target = () => {
    const { identityFile: _, ...others } = targetOf(server, folder);
    return { ...others, password: server.password! };
  };

  test("is reported if nobody can change it", async () => {
    await expect(logIn(target(), nobody(folder))).rejects.toMatchObject({
      code: "authentication-failed",
      message: expect.stringMatching(/no terminal to ask on: .*change your password immediately/s),
      hint: expect.stringContaining("Log in once with ssh"),
    });
  });

  test("can be changed by answering all questions of the host", async () => {
    const changed = "staple battery 42";
    const questions: string[] = [];
    const person: Interaction = {
      ...nobody(folder),
      async ask(question, options) {
        questions.push(question);
        expect(options?.hidden).toBe(true);
        return /current/i.test(question) ? server.password! : changed;
      },
    };
    expect(await logIn(target(), person)).toBe("in\n");
    expect(questions).toEqual([
      expect.stringMatching(/change your password immediately.*current password/is),
      expect.stringMatching(/new password/i),
      expect.stringMatching(/retype.*password/i),
    ]);
    expect(await logIn({ ...target(), password: changed }, nobody(folder))).toBe("in\n");
  });
});

/** A host that refuses every login and records the methods that are tried. */
async function refusingHost(folder: string) {
  const tried: string[] = [];
  const key = readFileSync(makeKey(join(folder, "host_key")));
  const server = new ssh2.Server({ hostKeys: [key] }, (connection) => {
    connection.on("error", () => {});
    connection.on("authentication", (context: AuthContext) => {
      if (context.method !== "none") tried.push(context.method);
      context.reject(["publickey", "password", "keyboard-interactive"]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    /** Since it was asked last. */
    tried: () => tried.splice(0),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

test("PreferredAuthentications puts the methods in order", async () => {
  const folder = await scratchFolder();
  const host = await refusingHost(folder);
  const target: HostTarget = {
    ...{ host: "127.0.0.1", port: host.port, user: "u", acceptNew: true },
    ...{ identityFile: makeKey(join(folder, "id")), password: "secret" },
    sshConfigFile: join(folder, "ssh_config"),
  };
  const [key, keyboard, password] = ["publickey", "keyboard-interactive", "password"];
  const orders: [preferred: string, tried: string[]][] = [
    ["", [key, keyboard, password]],
    [`${password},${keyboard}`, [password, keyboard]],
    [`${password},${key},${keyboard}`, [password, key, keyboard]],
    [`${keyboard},${key}`, [keyboard, key]],
    [`gssapi-with-mic,${key}`, [key]],
  ];
  for (const [preferred, tried] of orders) {
    const line = preferred === "" ? "" : `PreferredAuthentications ${preferred}\n`;
    writeFileSync(target.sshConfigFile!, line);
    await expect(logIn(target, nobody(folder))).rejects.toMatchObject({
      code: "authentication-failed",
    });
    expect(host.tried()).toEqual(tried);
  }
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a host that wants a password and then a code", () => {
  test("the password is configured, the code is asked for", async () => {
    const folder = await scratchFolder();
    const key = makeKey(join(folder, "host_key"));
    const methods: string[] = [];
    const server = new ssh2.Server({ hostKeys: [readFileSync(key)] }, (connection) => {
      connection.on("error", () => {});
      connection.on("authentication", (context: AuthContext) => {
        methods.push(context.method);
        if (context.method !== "keyboard-interactive")
          return context.reject(["keyboard-interactive"]);
        context.prompt({ prompt: "Password: ", echo: false }, ([password]) => {
          if (password !== "secret") return context.reject();
          context.prompt({ prompt: "Code: ", echo: true }, ([code]) =>
            code === "123" ? context.accept() : context.reject(),
          );
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { interaction, questions } = person(folder, ["123"]);
    const host = await connect(
      {
        host: "127.0.0.1",
        port: (server.address() as { port: number }).port,
        user: "u",
        password: "secret",
        acceptNew: true,
      },
      interaction,
    );
    expect(questions).toEqual([expect.stringMatching(/Code: $/)]);
    expect(methods).toEqual(["none", "keyboard-interactive"]);
    await host.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(folder, { recursive: true, force: true });
  });
});
