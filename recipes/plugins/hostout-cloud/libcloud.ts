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

/** A machine in the provider's list. */
export interface Machine {
  id: string;
  name: string;
  /** libcloud's state: `running`, `pending`, ... */
  state: string;
  /** It is being removed, or only listed for a while. */
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

/** The account at one provider. Errors of its methods: `CODES`. */
export interface Account {
  /** libcloud's name, and the display name. */
  name: string;
  title: string;
  sizes(): Promise<Size[]>;
  images(pattern: string): Promise<Image[]>;
  machines(): Promise<Machine[]>;
  order(order: Order): Promise<Machine & { key: KeyWay }>;
  reboot(id: string): Promise<boolean>;
  destroy(id: string): Promise<boolean>;
  /** Undefined if the provider does not show it. */
  console(id: string): Promise<string | undefined>;
  /** Removes what was created along with the machine; false if that is still in use. */
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
      return "Set arguments of the driver in 'driver-options', those of a machine in 'create-options'.";
    case "no-libcloud":
      return `Run bin/buildout, which installs apache-libcloud, or set 'python' in [${part}] to an interpreter that has it.`;
    case "provider-login-failed":
      return `Correct 'key' and 'secret' of [${part}].`;
    case "provider-quota":
      return "Destroy an unused machine, or ask the provider for more.";
    case "provider-unreachable":
      return "Check the network, and the endpoint in 'driver-options'; then run the same command again.";
    case "unknown-image":
      return `'bin/hostout ${part} list_images' lists the provider's images.`;
    case "unknown-provider":
      return `'bin/hostout ${part} list_providers' lists those that libcloud supports.`;
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

/** libcloud's own data, independent of the part. */
export function listProviders(): Promise<{ name: string; driver: string }[]> {
  return withWorker((program) => ask(program, "providers"));
}

/** Lines `NAME = VALUE` of an option; hides the secrets among them in all output. Throws `invalid-option`. */
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
        hint: "Write one line NAME = VALUE per argument.",
      },
    );
  });
  return Object.fromEntries(pairs);
}

const SECRET = /secret|pass|token|credential/i;

/** Errors of a driver may quote its arguments. */
function conceal(name: string, value: string): void {
  if (SECRET.test(name) && value !== "") api.conceal(value);
}

/** Calls `use` with the account in the part's options. */
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
