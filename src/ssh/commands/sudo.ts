import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { BuildoutError } from "../../errors/error.ts";
import type { Transport } from "../transport.ts";
import { type ExecOptions, type ExecResult, execute } from "./exec.ts";
import { KeptOutput } from "./kept-output.ts";
import killGroupProgram from "./programs/kill-group.sh?raw";
import runMarked from "./programs/run-marked.sh?raw";
import { quoteAll } from "./quote.ts";
import { shellCommand } from "./shell-program.ts";
import { MarkFilter } from "./sudo-marks.ts";

/** Marks printed by sudo and by the command, which are removed from the output. */
export interface SudoMarks {
  /** For `sudo -p`. */
  prompt: string;
  /** The format of a printf(1) to standard error at the command's start. */
  begun: string;
}

export interface SudoOptions extends ExecOptions {
  /** Default: root, or with a group, the login user. */
  user?: string;
  group?: string;
  /** A line for the login shell with its own sudo, instead of ours. */
  line?: (marks: SudoMarks) => string;
  /**
   * A function is called only if sudo asks, with the number of the attempt, and again after a wrong
   * password. Undefined gives up.
   */
  password?: string | ((attempt: number) => Promise<string | undefined>);
}

/** The text of the password mark; the other mark contains the started process group. */
const PASSWORD = "password";
/** Used instead of the process group if the line is not ours. */
const BEGUN = "begun";
/** sudo's own default of `passwd_tries`. */
const MOST_ATTEMPTS = 3;
/** Seconds that ending a command may take. */
const KILL_TIMEOUT = 10;
/**
 * Milliseconds from the start of a command to the end of its input, on a terminal. sudo 1.9.13 hangs if it
 * is still forwarding input when its command ends, so short commands get none.
 */
const NO_INPUT_DELAY = 500;

/**
 * Runs a shell command as another user through sudo(8), in one round trip: sudo asks for the password with
 * our prompt if it needs one, and reads it from standard input. A second mark signals the start of the
 * command, which only then gets its own input. The marks do not appear literally on the command line, so
 * that a process list does not look like one. Over 80 lines: everything shares the command's state.
 *
 * @throws BuildoutError `sudo-password-missing`, `sudo-password-wrong`, `sudo-refused`, and the errors of `execute`
 */
export async function sudo(
  transport: Transport,
  command: string,
  options: SudoOptions,
): Promise<ExecResult> {
  const { user = "root", group, password, firstLine, line: given, ...execOptions } = options;
  const nonce = randomBytes(8).toString("hex");
  const prompt = `[%%${nonce}:${PASSWORD}]`;
  const begun = `[%%${nonce}:${BEGUN}]`;
  const asUser = options.user === undefined && group !== undefined ? [] : ["-u", user];
  const asGroup = group === undefined ? [] : ["-g", group];
  const words = ["sudo", "-S", "-H", "-p", prompt, ...asUser, ...asGroup, "--"];
  const line =
    given?.({ prompt, begun }) ?? `${quoteAll(words)} ${shellCommand(runMarked, [nonce, command])}`;

  const input = new PassThrough();
  let attempts = 0;
  let processGroup: string | undefined;
  let failure: unknown;
  let ending: NodeJS.Timeout | undefined;
  const giveUp = (error: unknown) => {
    failure ??= error;
    // sudo gives up when its input ends.
    input.end();
  };
  const onMark = (mark: string) => {
    if (mark !== PASSWORD) {
      processGroup = mark;
      stdout.stop();
      stderr.stop();
      if (firstLine !== undefined) input.write(`${firstLine}\n`);
      if (options.pty && options.input === undefined) {
        ending = setTimeout(() => input.end(), NO_INPUT_DELAY);
      } else {
        sendInput(input, options.input);
      }
    } else {
      attempts++;
      answer(password, attempts).then((typed) => {
        if (typed !== undefined) input.write(`${typed}\n`);
        else giveUp((attempts > 1 ? wrongPassword : missingPassword)(transport, user));
      }, giveUp);
    }
  };
  const stdout = new MarkFilter(nonce, onMark, options.onStdout, new KeptOutput(options.keep));
  const stderr = new MarkFilter(nonce, onMark, options.onStderr, new KeptOutput(options.keep));

  // There is no signal when such a command starts to read.
  if (given !== undefined && !line.includes(begun) && options.input !== undefined) {
    sendInput(input, options.input);
  }
  let result: ExecResult;
  try {
    result = await execute(transport, line, {
      ...execOptions,
      noEcho: firstLine !== undefined,
      input,
      onStdout: (chunk) => stdout.add(chunk),
      onStderr: (chunk) => stderr.add(chunk),
    });
  } catch (error) {
    if (processGroup !== undefined && given === undefined && transport.lost === undefined) {
      await killGroup(transport, processGroup, options);
    }
    throw error;
  } finally {
    clearTimeout(ending);
  }
  const output = { stdout: stdout.end(), stderr: stderr.end() };
  if (failure !== undefined) throw failure;
  // sudo itself gives up after that many wrong ones.
  if (processGroup === undefined && attempts >= MOST_ATTEMPTS && result.code !== 0) {
    throw wrongPassword(transport, user);
  }
  if (given !== undefined) return { ...result, ...output };
  if (processGroup === undefined && result.code !== null) {
    const said = (output.stderr + output.stdout).trim();
    throw new BuildoutError("sudo-refused", `sudo did not run on ${transport.where}`, {
      hint: refusalHint(said, user),
      output: said,
    });
  }
  return { ...result, ...output };
}

/** The login user cannot signal another user's processes, so sudo must do so. */
async function killGroup(transport: Transport, group: string, { user, password }: SudoOptions) {
  const command = shellCommand(killGroupProgram, [group]);
  const options = { timeout: KILL_TIMEOUT, user, password };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  // Report the error that made us end the command.
  await sudo(transport, command, Object.fromEntries(given)).catch(() => {});
}

async function answer(
  password: SudoOptions["password"],
  attempt: number,
): Promise<string | undefined> {
  if (typeof password === "function") return password(attempt);
  return attempt === 1 ? password : undefined;
}

function sendInput(to: PassThrough, input: ExecOptions["input"]) {
  if (input === undefined) to.end();
  else if (typeof input === "string" || input instanceof Uint8Array) to.end(input);
  else input.pipe(to);
}

function refusalHint(said: string, user: string): string {
  if (/sudo.{0,20}not found|unknown command.*sudo/i.test(said)) {
    return "sudo is not installed there, or not in the PATH: install it, or log in as root.";
  }
  if (/must have a tty/i.test(said)) {
    return "sudoers sets 'requiretty': add 'Defaults:USER !requiretty' for the login user.";
  }
  return `Check in sudoers on the host whether this user may run commands as '${user}'.`;
}

function wrongPassword(transport: Transport, user: string) {
  return new BuildoutError(
    "sudo-password-wrong",
    `Wrong password for sudo (as '${user}') on ${transport.where}`,
    { hint: "sudo needs the password of the login user." },
  );
}

function missingPassword(transport: Transport, user: string) {
  return new BuildoutError(
    "sudo-password-missing",
    `sudo on ${transport.where} needs a password to become '${user}'`,
    {
      hint: "Set a password for the host, run on a terminal, or allow it without a password in sudoers (NOPASSWD).",
    },
  );
}
