/** The shell programs that make the host start a buildout when it starts itself. */
import { quote } from "../../ssh/quote.ts";

/** What is started and stopped, by whom, and where. */
export interface BootScript {
  /** The service is called `buildout-NAME`. */
  name: string;
  path: string;
  /** Shell commands, run in `path`; they return once the programs are started or stopped. */
  start: string;
  stop: string;
  user: string;
}

const UNITS = "/etc/systemd/system";
const SCRIPTS = "/etc/init.d";
/** systemd starts this host, or would if it ran: in a system that is being made, it does not. */
const HAS_SYSTEMD = `{ [ -d /run/systemd/system ] || { [ -d ${UNITS} ] && command -v systemctl >/dev/null; }; }`;
const RUNS_SYSTEMD = "[ -d /run/systemd/system ]";

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

/** Run as root: writes the service and has it started with the host, not now. */
export function installScript(boot: BootScript): string {
  const service = `buildout-${boot.name}`;
  const write = (file: string, text: string, mode: string) =>
    `printf '%s' ${quote(text)} > ${file}.tmp; chmod ${mode} ${file}.tmp; mv -f ${file}.tmp ${file}`;
  return `set -e; PATH=$PATH:/usr/sbin:/sbin
if ${HAS_SYSTEMD}; then
  ${write(`${UNITS}/${service}.service`, systemdUnit(boot), "644")}
  if ${RUNS_SYSTEMD}; then systemctl daemon-reload; fi
  systemctl enable --quiet ${service}.service
  echo ${UNITS}/${service}.service
elif [ -d ${SCRIPTS} ]; then
  ${write(`${SCRIPTS}/${service}`, initScript(boot), "755")}
  if command -v update-rc.d >/dev/null; then update-rc.d ${service} defaults >/dev/null
  elif command -v chkconfig >/dev/null; then chkconfig --add ${service}
  elif command -v rc-update >/dev/null; then rc-update -q add ${service} default
  else echo "nothing on this host enables init scripts; start ${SCRIPTS}/${service} from its boot scripts" >&2
  fi
  echo ${SCRIPTS}/${service}
else echo 'neither systemd nor ${SCRIPTS} is on this host' >&2; exit 1
fi`;
}

/** Run as root: undoes the above. Succeeds where there is nothing to undo. */
export function uninstallScript(name: string): string {
  const service = `buildout-${name}`;
  return `PATH=$PATH:/usr/sbin:/sbin
if [ -e ${UNITS}/${service}.service ]; then
  systemctl disable --quiet ${service}.service
  rm -f ${UNITS}/${service}.service
  if ${RUNS_SYSTEMD}; then systemctl daemon-reload; fi
  echo ${UNITS}/${service}.service
fi
if [ -e ${SCRIPTS}/${service} ]; then
  if command -v chkconfig >/dev/null; then chkconfig --del ${service}
  elif command -v rc-update >/dev/null; then rc-update -q del ${service} default; fi
  rm -f ${SCRIPTS}/${service}
  if command -v update-rc.d >/dev/null; then update-rc.d ${service} remove >/dev/null; fi
  echo ${SCRIPTS}/${service}
fi
exit 0`;
}

/** Prints the files of all boot scripts that are there. */
export const LIST_BOOT_SCRIPTS = `for f in ${UNITS}/buildout-*.service ${SCRIPTS}/buildout-*; do
  if [ -e "$f" ]; then printf '%s\\n' "$f"; fi
done`;

/** The NAME of a file of a boot script. */
export function bootScriptName(file: string): string {
  return file.replace(/^.*\/buildout-/, "").replace(/\.service$/, "");
}
