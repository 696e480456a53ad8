import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostSession } from "../../../src/deploy/host/session.ts";
import { hostOptions } from "../../../src/deploy/part/options.ts";
import {
  allowSudo,
  scratchFolder,
  startSshdServer,
  type TestServer,
  usersMissing,
} from "../../support/servers.ts";

describe.skipIf(usersMissing !== undefined)(`questions of a session ${usersMissing ?? ""}`, () => {
  let server: TestServer;
  let folder: string;
  let session: HostSession;
  let questions: string[];
  let answers: string[];
  let notes: string[];
  let events: string[];

  beforeEach(async () => {
    server = await startSshdServer();
    folder = await scratchFolder();
    questions = [];
    answers = [];
    notes = [];
    events = [];
    await allowSudo(server, "ALL=(ALL) ALL");
  });

  afterEach(async () => {
    await session.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function open(
    options: Record<string, string> = {},
    sudoPasswords?: Map<string, Promise<string>>,
  ): void {
    const part = {
      host: `${server.host}:${server.port}`,
      user: server.user,
      "accept-new": "true",
      "known-hosts": join(folder, "known_hosts"),
      "ssh-config": join(folder, "ssh_config"),
      path: join(folder, "app"),
      ...options,
    };
    const ask = async (question: string) => {
      questions.push(question);
      return answers.shift() ?? server.password!;
    };
    session = new HostSession(
      hostOptions("web", new Map(Object.entries(part)), folder),
      {
        ...{ env: { HOME: folder, USER: "tester" }, ask, note: (line) => notes.push(line) },
        ...(sudoPasswords && { sudoPasswords }),
      },
      (event) => events.push(JSON.stringify(event)),
      new AbortController().signal,
      { who: "tester@here", what: "test", run: "1", wait: undefined },
      async (text) => text,
    );
  }

  test("the password for the login is also used for sudo: it is asked for once", async () => {
    open();
    expect((await session.sudo("id -un", { cwd: null })).stdout).toBe("root\n");
    expect((await session.sudo("id -un", { cwd: null })).stdout).toBe("root\n");
    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatch(/password/i);
    expect(events.join()).not.toContain(server.password);
  });

  test("after a login by key, sudo's password is asked for once", async () => {
    open({ "identity-file": server.key });
    await session.sudo("true", { cwd: null });
    await session.sudo("true", { cwd: null });
    expect(questions).toHaveLength(1);
    expect(questions[0]).toContain("[sudo] password for");
  });

  test("a mistyped one is reported and asked for again; a later login knows it", async () => {
    open({ "identity-file": server.key });
    answers.push("mistyped");
    await session.sudo("true", { cwd: null });
    expect(notes).toContain("sudo: wrong password, try again.");
    await session.logOut();
    await (await session.loginConnection()).exec("sudo -K");
    await session.sudo("true", { cwd: null });
    expect(questions).toHaveLength(2);
  });

  test("one typed for another host is tried, and asked for again if it is wrong", async () => {
    const shared = new Map([[server.user, Promise.resolve("of-another-host")]]);
    open({ "identity-file": server.key }, shared);
    expect((await session.sudo("id -un", { cwd: null })).stdout).toBe("root\n");
    expect(questions).toEqual([`[sudo] password for ${server.user} on ${server.host}: `]);
    await session.close();
    open({ "identity-file": server.key }, shared);
    expect((await session.sudo("id -un", { cwd: null })).stdout).toBe("root\n");
    expect(questions).toHaveLength(1);
  });

  test("nobody is asked for the password of a buildout user who does not exist yet", async () => {
    open({ "identity-file": server.key, "buildout-user": "nobody-like-that" });
    expect((await session.facts()).buildoutUser).toBe(false);
    expect(questions).toEqual([]);
    expect((await session.anyConnection()).user).toBe(server.user);
  });

  test("a refused buildout user is tried again only after something has run", async () => {
    open({ "identity-file": server.key, "buildout-user": "nobody-like-that" });
    const logins = () => events.filter((event) => event.includes(`"user":"nobody-like-that"`));
    await session.lock();
    session.forget();
    await session.facts();
    expect(logins()).toHaveLength(1);
    await allowSudo(server, "ALL=(ALL) NOPASSWD: ALL");
    await session.sudo("true", { cwd: null });
    await session.lock();
    expect(logins()).toHaveLength(2);
  });

  test("a host without a directory to lock is asked again after a new login", async () => {
    const app = join(server.home, "app");
    open({ "identity-file": server.key, path: app });
    await session.lock();
    await session.logOut();
    execFileSync("install", ["-d", "-o", server.user, app]);
    await session.lock();
    const lock = join(app, ".hostout/lock");
    const { code } = await session.run(`flock -n ${lock} true`, { cwd: null });
    expect(code).toBe(1);
  });

  test("NOPASSWD asks nothing", async () => {
    await allowSudo(server, "ALL=(ALL) NOPASSWD: ALL");
    open({ "identity-file": server.key });
    await session.sudo("true", { cwd: null });
    expect(questions).toEqual([]);
  });
});
