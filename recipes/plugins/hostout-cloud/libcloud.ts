/** libcloud in a Python process, with its exceptions as typed errors. */
import {
  api,
  BuildoutError,
  type ErrorCode,
  lines,
  type PythonProgram,
} from "../../../src/index.ts";
import type { Image, Size } from "./choice.ts";
import driverArguments from "./driver_arguments.py?raw";
import libvirtMachines from "./libvirt_machines.py?raw";
import problems from "./problems.py?raw";
import { driverOptions, provider } from "./provider.ts";
import text from "./worker.py?raw";

/** A machine as the provider lists it. */
export interface Machine {
  id: string;
  name: string;
  /** libcloud's word: `running`, `pending`, ... */
  state: string;
  /** It is on its way out, or only in the list for a while. */
  isGone: boolean;
  public: string[];
  private: string[];
}

/** How the public key gets to the machine. */
type KeyWay = "user-data" | "key" | "none";

interface Order {
  name: string;
  size: string;
  image: string;
  location: string;
  token: string;
  userData: string;
  publicKey: string;
  options: Record<string, string>;
}

/** The account at one provider. What its methods throw: `CODES`. */
export interface Account {
  /** As libcloud calls it, and as people do. */
  name: string;
  title: string;
  sizes(): Promise<Size[]>;
  images(pattern: string): Promise<Image[]>;
  machines(): Promise<Machine[]>;
  order(order: Order): Promise<Machine & { key: KeyWay }>;
  reboot(id: string): Promise<boolean>;
  destroy(id: string): Promise<boolean>;
  /** Undefined where the provider does not show it. */
  console(id: string): Promise<string | undefined>;
  /** Removes what was made beside the machine; false where that is still in use. */
  closeGroup(name: string): Promise<boolean>;
}

/** Kinds of problems in problems.py. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  argument: "invalid-option",
  busy: "provider-unreachable",
  gone: "machine-gone",
  image: "unknown-image",
  libcloud: "no-libcloud",
  login: "provider-login-failed",
  provider: "unknown-provider",
  quota: "provider-quota",
  refused: "provider-failed",
  throttled: "provider-unreachable",
  unreachable: "provider-unreachable",
};

const option = (name: string) => String(api.env[name] ?? "").trim();

function hintFor(code: ErrorCode): string | undefined {
  const part = option("name");
  switch (code) {
    case "invalid-option":
      return "Arguments of the driver are lines of 'driver-options', those of a machine of 'create-options'.";
    case "no-libcloud":
      return `Run bin/buildout, which installs apache-libcloud, or let 'python' of [${part}] name an interpreter that has it.`;
    case "provider-login-failed":
      return `Correct 'key' and 'secret' of [${part}].`;
    case "provider-quota":
      return "Destroy a machine that nobody needs, or ask the provider for more.";
    case "provider-unreachable":
      return "Check the network, and the endpoint in 'driver-options'; then run the same command again.";
    case "unknown-image":
      return `'bin/hostout ${part} list_images' shows those of the provider.`;
    case "unknown-provider":
      return `'bin/hostout ${part} list_providers' shows those that libcloud knows.`;
    default:
      return undefined;
  }
}

type Answer = { value: unknown } | { problem: string; message: string };

async function ask<T>(program: PythonProgram, name: string, ...args: unknown[]): Promise<T> {
  const answer = (await program.call(name, ...args)) as Answer;
  if ("value" in answer) return answer.value as T;
  const code = CODES[answer.problem] ?? "provider-failed";
  const hint = hintFor(code);
  throw new BuildoutError(code, sentence(answer.message), hint === undefined ? {} : { hint });
}

const sentence = (words: string) => (/[.!?]$/.test(words) ? words : `${words}.`);

const module = (file: string, text: string) => ({ file: `hostout-cloud/${file}`, text });

/** What worker.py imports. */
const MODULES = {
  _driver_arguments: module("driver_arguments.py", driverArguments),
  _libvirt_machines: module("libvirt_machines.py", libvirtMachines),
  _problems: module("problems.py", problems),
};

/** Calls `use` with the worker, and ends it. */
async function withWorker<T>(use: (program: PythonProgram) => Promise<T>): Promise<T> {
  const program = await api.python({
    ...module("worker.py", text),
    modules: MODULES,
  });
  try {
    await ask(program, "begin", lines(option("plugin-path")));
    return await use(program);
  } finally {
    await program.close();
  }
}

/** What libcloud knows, whatever the part says. */
export function listProviders(): Promise<{ name: string; driver: string }[]> {
  return withWorker((program) => ask(program, "providers"));
}

/** Lines `NAME = VALUE` of an option; no output shows the secrets among them. Throws `invalid-option`. */
export function namedLines(name: string): Record<string, string> {
  const pairs = lines(option(name)).flatMap((line) => {
    if (line.trim() === "") return [];
    const [, key, value = ""] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined) {
      conceal(key, value);
      return [[key, value] as const];
    }
    throw new BuildoutError(
      "invalid-option",
      `${option("name")}:${name}: '${line}' has no value.`,
      {
        hint: "Write a line NAME = VALUE for each argument.",
      },
    );
  });
  return Object.fromEntries(pairs);
}

const SECRET = /secret|pass|token|credential/i;

/** Errors of a driver may quote what it was given. */
function conceal(name: string, value: string): void {
  if (SECRET.test(name) && value !== "") api.conceal(value);
}

/** Calls `use` with the account that the options of the part name. */
export async function withAccount<T>(use: (account: Account) => Promise<T>): Promise<T> {
  const { name, region } = provider(option("hosttype"), option("name"));
  const given = namedLines("driver-options");
  const account: Record<string, string> = {};
  for (const one of ["key", "secret"]) if (option(one) !== "") account[one] = option(one);
  conceal("secret", option("secret"));
  const options = { ...driverOptions(name, option("region") || region), ...given };
  return withWorker(async (program) => {
    const { title } = await ask<{ title: string }>(program, "connect", name, account, options);
    return use({
      ...{ name, title },
      sizes: () => ask(program, "sizes"),
      images: (pattern) => ask(program, "images", pattern),
      machines: () => ask(program, "nodes"),
      order: (order) => ask(program, "order", order),
      reboot: (id) => ask(program, "reboot", id),
      destroy: (id) => ask(program, "destroy", id),
      console: async (id) => (await ask<string | null>(program, "console", id)) ?? undefined,
      closeGroup: (group) => ask(program, "close_group", group),
    });
  });
}
