import { describe, expect, test } from "vitest";
import { configurationText } from "../../../recipes/supervisor/configuration.ts";
import type { Section } from "../../../src/index.ts";
import { supervisorProject } from "../../support/supervisor-part.ts";

/** The file for these options in a buildout in /p. */
function conf(options: Record<string, string>): string {
  const section = {
    get: (option: string) => options[option],
    location: () => undefined,
  } as unknown as Section;
  return configurationText(section, "/p");
}

const services = (options: Record<string, string>) => conf({ sections: "services", ...options });

describe("supervisord.conf", () => {
  test("has the original's shape and defaults", () => {
    expect(conf({})).toBe(`[supervisord]
childlogdir = /p/var/log
logfile = /p/var/log/supervisord.log
logfile_maxbytes = 50MB
logfile_backups = 10
loglevel = info
pidfile = /p/var/supervisord.pid
umask = 022
nodaemon = false
nocleanup = false



[inet_http_server]
port = 127.0.0.1:9001
username = ${""}
password = ${""}

[supervisorctl]
serverurl = http://127.0.0.1:9001
username = ${""}
password = ${""}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

`);
  });

  test("takes every setting of supervisord", () => {
    expect(
      conf({
        sections: "global",
        logfile: "/l",
        pidfile: "/r/p",
        childlogdir: "/c",
        "logfile-maxbytes": "1MB",
        "logfile-backups": "2",
        loglevel: "debug",
        umask: "077",
        nodaemon: "true",
        nocleanup: "true",
        "supervisord-user": "joe",
        "supervisord-directory": "%(here)s",
        "supervisord-environment": "A=1,B=2",
        "env-path": "/bin:/usr/bin",
      }),
    ).toBe(`[supervisord]
childlogdir = /c
logfile = /l
logfile_maxbytes = 1MB
logfile_backups = 2
loglevel = debug
pidfile = /r/p
umask = 077
nodaemon = true
nocleanup = true
user = joe
directory = %(here)s
environment = A=1,B=2
environment=PATH=/bin:/usr/bin
`);
  });

  test("can listen on a socket", () => {
    const text = conf({
      sections: "ctl http",
      "http-socket": "unix",
      file: "/tmp/s.sock",
      chown: "joe:www",
      user: "joe",
      password: "pw",
    });
    expect(text).toBe(`[unix_http_server]
file = /tmp/s.sock
username = joe
password = pw
chmod = 0700
chown = joe:www

[supervisorctl]
serverurl = unix:///tmp/s.sock
username = joe
password = pw

`);
  });

  test("has a server only together with supervisorctl", () => {
    expect(conf({ sections: "http" })).toBe("");
    expect(conf({ sections: "ctl", port: "9001" })).toMatch(/^\[supervisorctl\]\n.*localhost:9001/);
  });

  test("has programs: extras are the user, then the settings in parentheses", () => {
    expect(
      services({
        programs:
          "\n10 zeo /z/bin/runzeo\n20 inst (autostart=false x startsecs=3) /i/run [-n 100] /tmp true www",
      }),
    ).toBe(`[program:zeo]
command = /z/bin/runzeo ${""}
process_name = zeo
directory = /z/bin
priority = 10
redirect_stderr = false

[program:inst]
command = /i/run -n 100
process_name = inst
directory = /tmp
priority = 20
redirect_stderr = true
user = www
autostart = false
startsecs = 3
`);
  });

  test("has event listeners, groups and included files", () => {
    expect(
      services({
        user: "joe",
        password: "pw",
        port: "80",
        eventlisteners: "Mem (startsecs=20) TICK_60 /b/memmon [-p x=200MB]\nBare TICK_5 /b/x",
        groups: "10 services zeo,inst",
        include: "/a/*.conf\n/b/*.conf",
      }),
    ).toBe(`
[eventlistener:Mem]
command = /b/memmon -p x=200MB
events = TICK_60
process_name=Mem
environment=SUPERVISOR_USERNAME='joe',SUPERVISOR_PASSWORD='pw',SUPERVISOR_SERVER_URL='http://localhost:80'
startsecs = 20

[eventlistener:Bare]
command = /b/x None
events = TICK_5
process_name=Bare
environment=SUPERVISOR_USERNAME='joe',SUPERVISOR_PASSWORD='pw',SUPERVISOR_SERVER_URL='http://localhost:80'


[group:services]
programs = zeo,inst
priority = 10

[include]
files = /a/*.conf /b/*.conf
`);
  });
});

describe("a line that cannot be read", () => {
  test.each([
    [
      "programs =\n    10 zeo ${zeo:location}/bin/zeo\n# later\n    x web ${zeo:location}/web",
      "Program line incorrect: x web /z/web",
      12,
    ],
    ["programs = zeo", "Program line incorrect: zeo", 9],
    ["user = x\neventlisteners =\n    one two", "Event Listeners line incorrect: one two", 11],
    ["groups =\n    10 all a,b\n    10 none", "Group line incorrect: 10 none", 11],
  ])("is an error at its own line: %j", async (options, message, line) => {
    const p = supervisorProject(options, []);
    const { error } = await p.run();
    expect(error).toMatchObject({ code: "invalid-line", message });
    expect(error?.location).toEqual({ file: p.path("buildout.cfg"), line });
    expect(error?.hint).toContain("It is written as: ");
    expect(p.has("parts/supervisor")).toBe(false);
  });

  test("so is a kind of socket that there is not", async () => {
    const { error } = await supervisorProject("http-socket = nix", []).run();
    expect(error).toMatchObject({ code: "invalid-value", location: { line: 9 } });
  });
});
