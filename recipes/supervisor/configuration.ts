import { BuildoutError, type Section, words } from "../../src/index.ts";
import { type Access, servicesText } from "./services.ts";

/** The parts of the configuration file selected by the option `sections`. */
export function sectionNames(section: Section): Set<string> {
  const names = section.get("sections") ?? "global ctl http rpc services";
  return new Set(words(names));
}

/** Where supervisord writes. */
export interface Files {
  logfile: string;
  pidfile: string;
  childlogdir: string;
}

/** `directory`: the buildout directory, the base of the defaults. */
export function filesOf(section: Section, directory: string): Files {
  return {
    logfile: section.get("logfile") ?? `${directory}/var/log/supervisord.log`,
    pidfile: section.get("pidfile") ?? `${directory}/var/supervisord.pid`,
    childlogdir: section.get("childlogdir") ?? `${directory}/var/log`,
  };
}

function accessOf(section: Section): Access {
  const port = section.get("port") ?? "127.0.0.1:9001";
  const addresses: Record<string, string> = {
    inet: `http://${port.includes(":") ? port : `localhost:${port}`}`,
    unix: `unix://${section.get("file") ?? ""}`,
  };
  return {
    user: section.get("user") ?? "",
    password: section.get("password") ?? "",
    serverUrl: section.get("serverurl") ?? addresses[section.get("http-socket") ?? "inet"] ?? port,
  };
}

function globalText(section: Section, { logfile, pidfile, childlogdir }: Files): string {
  const setting = (option: string, fallback: string) => section.get(option) ?? fallback;
  const optional = (name: string) => {
    const value = section.get(`supervisord-${name}`);
    return value ? `${name} = ${value}` : "";
  };
  const searched = section.get("env-path");
  return `[supervisord]
childlogdir = ${childlogdir}
logfile = ${logfile}
logfile_maxbytes = ${setting("logfile-maxbytes", "50MB")}
logfile_backups = ${setting("logfile-backups", "10")}
loglevel = ${setting("loglevel", "info")}
pidfile = ${pidfile}
umask = ${setting("umask", "022")}
nodaemon = ${setting("nodaemon", "false")}
nocleanup = ${setting("nocleanup", "false")}
${optional("user")}
${optional("directory")}
${optional("environment")}
${searched === undefined ? "" : `environment=PATH=${searched}\n`}`;
}

/** Throws `invalid-value` for an unknown kind of socket. */
function httpText(section: Section, { user, password }: Access): string {
  const kind = section.get("http-socket") ?? "inet";
  const login = `username = ${user}\npassword = ${password}\n`;
  if (kind === "inet") {
    return `[inet_http_server]\nport = ${section.get("port") ?? "127.0.0.1:9001"}\n${login}\n`;
  }
  if (kind === "unix") {
    const owner = section.get("chown");
    return `[unix_http_server]
file = ${section.get("file") ?? ""}
${login}chmod = ${section.get("chmod") ?? "0700"}
${owner ? `chown = ${owner}` : ""}

`;
  }
  const location = section.location("http-socket");
  throw new BuildoutError("invalid-value", `http-socket is '${kind}', not inet or unix.`, {
    ...(location && { location }),
  });
}

function controlText({ user, password, serverUrl }: Access): string {
  return `[supervisorctl]
serverurl = ${serverUrl}
username = ${user}
password = ${password}

`;
}

const RPC = `[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

`;

/** The text of `supervisord.conf`. Throws `invalid-line` and `invalid-value`. */
export function configurationText(section: Section, directory: string): string {
  const names = sectionNames(section);
  const access = accessOf(section);
  const http = names.has("ctl") && names.has("http");
  return [
    names.has("global") ? globalText(section, filesOf(section, directory)) : "",
    http ? httpText(section, access) : "",
    names.has("ctl") ? controlText(access) : "",
    names.has("rpc") ? RPC : "",
    names.has("services") ? servicesText(section, access) : "",
  ].join("");
}

/**
 * Whether an existing configuration file has the same password as `wanted`, since `.installed.cfg` does not
 * record it.
 */
export function samePassword(there: string, wanted: string): boolean {
  const secrets = (text: string) =>
    (text.match(/^(password = |environment=SUPERVISOR_USERNAME=).*$/gm) ?? []).sort().join("\n");
  return secrets(there) === secrets(wanted);
}
