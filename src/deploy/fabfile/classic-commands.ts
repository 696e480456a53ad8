/** Commands for Fabric 1 fabfiles: the command lines that Fabric sends, through our connections. */
import type { ExecResult } from "../../ssh/commands/exec.ts";
import type { SudoMarks } from "../../ssh/commands/sudo.ts";
import { Answers } from "./answers.ts";
import type { FabfileState } from "./state.ts";

export interface ClassicCommand {
  /** For the login shell, without sudo. */
  text: string;
  /** What to show of it. */
  label: string;
  pty: boolean;
  /** Whether stderr is merged into stdout, in order of arrival. */
  combined: boolean;
  timeout: number | null;
  /** Its prompts and their answers. */
  prompts: [question: string, answer: string][];
  sudo: ClassicSudo | null;
}

interface ClassicSudo {
  /** The command line with sudo; NUL and `prompt` or `begun` are placeholders for the marks. */
  line: string;
  /** Null: root, or the login user if a group is set. */
  user: string | null;
  group: string | null;
  password: string | null;
}

/** Runs a command in the login directory, as the user in the settings or through sudo. */
export function runClassic(state: FabfileState, command: ClassicCommand): Promise<ExecResult> {
  const { context, settings } = state;
  const { session, options } = context;
  const { text, label, pty, combined, timeout, prompts, sudo } = command;
  const answers = prompts.length === 0 ? undefined : new Answers(prompts);
  const request = {
    ...{ cwd: null, shell: null, label, pty, combined, hidden: settings.hidden },
    ...(timeout && { timeout }),
    ...(answers && {
      input: answers.input,
      onBytes: (stream: "out" | "err", bytes: Buffer) => answers.heard(stream, bytes),
    }),
  };
  const login = settings.user ?? options.user;
  if (sudo === null) return session.run(text, { ...request, login });
  const { user, group, password } = sudo;
  return session.sudo(text, {
    ...request,
    // The login user has sudo rights, not the user who owns the buildout.
    ...(login !== options.buildoutUser && { login }),
    ...(user !== null && { user }),
    ...(group !== null && { group }),
    ...(password !== null && { password }),
    line: (marks) => withMarks(sudo.line, marks),
  });
}

function withMarks(line: string, { prompt, begun }: SudoMarks): string {
  return line.replaceAll("\0prompt", prompt).replaceAll("\0begun", `printf '${begun}' >&2; `);
}
