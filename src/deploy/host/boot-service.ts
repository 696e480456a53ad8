/** The shell programs that make a host start a buildout at boot. */
import { quote } from "../../ssh/commands/quote.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import install from "./programs/install-service.sh?raw";
import listServices from "./programs/list-services.sh?raw";
import uninstall from "./programs/uninstall-service.sh?raw";

/** What to start and stop, as which user, and where. */
export interface BootScript {
  /** The service is called `buildout-NAME`. */
  name: string;
  path: string;
  /** Shell commands, run in `path`; they return when the programs have started or stopped. */
  start: string;
  stop: string;
  user: string;
}

/** Locations of services on a host. */
interface ServiceFolders {
  /** Exists if systemd is running. */
  run: string;
  units: string;
  scripts: string;
}

const FOLDERS: ServiceFolders = {
  run: "/run/systemd/system",
  units: "/etc/systemd/system",
  scripts: "/etc/init.d",
};

/** One word of a unit's command line (systemd.service(5), COMMAND LINES). */
function unitWord(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return `"${escaped}"`;
}

function command(path: string, text: string): string {
  return `cd ${quote(path)} && ${text}`;
}

/** A unit that counts as running from a successful start to a stop (systemd.unit(5)). */
function systemdUnit({ name, path, start, stop, user }: BootScript): string {
  const exec = (text: string) => `/bin/sh -c ${unitWord(command(path, text))}`;
  return `[Unit]
Description=Buildout ${name.replaceAll("%", "%%")} in ${path.replaceAll("%", "%%")}
Wants=network-online.target
After=network-online.target

[Service]
Type=forking
RemainAfterExit=yes
GuessMainPID=no
User=${user}
ExecStart=${exec(start)}
ExecStop=${exec(stop)}

[Install]
WantedBy=multi-user.target
`;
}

/** A script for /etc/init.d, with the header that insserv and update-rc.d read (LSB 5, 22.3). */
function initScript({ name, path, start, stop, user }: BootScript): string {
  const run = (text: string) => `su -s /bin/sh ${quote(user)} -c ${quote(command(path, text))}`;
  return `#!/bin/sh
### BEGIN INIT INFO
# Provides:          buildout-${name}
# Required-Start:    $remote_fs $network $syslog
# Required-Stop:     $remote_fs $network $syslog
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: Buildout ${name} in ${path}
### END INIT INFO
# chkconfig: 2345 99 01
start() { ${run(start)}; }
stop() { ${run(stop)}; }
case $1 in
  start) start ;;
  stop) stop ;;
  restart | force-reload) stop; start ;;
  *) echo "usage: $0 start|stop|restart" >&2; exit 2 ;;
esac
`;
}

/** Run as root: writes the service and enables it at boot, without starting it now. */
export function installScript(boot: BootScript, { run, units, scripts } = FOLDERS): string {
  const service = serviceOf(boot.name);
  const texts = [systemdUnit(boot), initScript(boot)];
  return shellProgram(install, [run, units, scripts, service, ...texts]);
}

/** Run as root: undoes the above. Succeeds if there is nothing to undo. */
export function uninstallScript(name: string, { run, units, scripts } = FOLDERS): string {
  return shellProgram(uninstall, [run, units, scripts, serviceOf(name)]);
}

/** Prints the files of all installed boot scripts. */
export function listScript({ units, scripts } = FOLDERS): string {
  return shellProgram(listServices, [units, scripts]);
}

function serviceOf(name: string): string {
  return `buildout-${name}`;
}

/** The NAME in the file name of a boot script. */
export function bootScriptName(file: string): string {
  return file.replace(/^.*\/buildout-/, "").replace(/\.service$/, "");
}
