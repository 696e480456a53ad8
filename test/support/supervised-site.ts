// A web site under supervisord, from Debian's packages: the files of a project for it.
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "./deploy-project.ts";
import { NODE_PACKAGES } from "./hosts/root.ts";
import { debianWheels } from "./index-server.ts";

/** The packages on a host of the site from the start. */
export const SITE_PACKAGES = [...NODE_PACKAGES, "python3-pip", "python3-venv"];

/** Starts the programs of a release, or starts them again. */
export const RESTART = `bin/supervisorctl pid > /dev/null || bin/supervisord
bin/supervisorctl update
bin/supervisorctl restart all`;

/** Puts the wheels of these distributions into `wheels` of the project; returns the pins for them. */
export async function takeWheels(
  project: TestProject,
  names: readonly string[],
): Promise<Map<string, string>> {
  const pins = new Map<string, string>();
  const wheels = await debianWheels();
  const target = join(project.directory, "wheels");
  mkdirSync(target, { recursive: true });
  for (const file of readdirSync(wheels)) {
    const [name = "", version = ""] = file.split("-");
    if (!names.includes(name)) continue;
    copyFileSync(join(wheels, file), join(target, file));
    pins.set(name, version);
  }
  return pins;
}

export function versionsOf(pins: ReadonlyMap<string, string>): string {
  return `[versions]\n${[...pins].map((one) => `${one.join(" = ")}\n`).join("")}`;
}

/** Which port the site answers on, and the one of supervisord. */
const PORTS = { web: 8081, supervisor: 9001 };
export const SITE_URL = `http://127.0.0.1:${PORTS.web}/`;

/** The files of a release that responds with `text`; with `dies`, it ends after as many seconds and is restarted. */
export function siteRelease(
  pins: ReadonlyMap<string, string>,
  text: string,
  dies?: number,
): Record<string, string> {
  return {
    "files/web.py": `import http.server, sys, threading, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"${text}")
def die():
    print("out of memory", file=sys.stderr, flush=True)
    os._exit(3)
${dies === undefined ? "" : `threading.Timer(${dies}, die).start()\n`}http.server.HTTPServer(("127.0.0.1", ${PORTS.web}), Answer).serve_forever()
`,
    "prod.cfg": `[buildout]
parts = supervisor
find-links = wheels
allow-hosts =
versions = versions
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:${PORTS.supervisor}
programs = 10 web (startsecs=0 autorestart=true stdout_logfile=\${buildout:directory}/var/log/web.log) /usr/bin/python3 [files/web.py] \${buildout:directory} true
${versionsOf(pins)}`,
  };
}
