// A fabfile as users write it. Each line below an error mark must be refused.
import {
  api,
  BuildoutError,
  type CommandResult,
  parallel,
  quote,
  serial,
  task,
} from "hostout/fabfile";

export const echo = task("Say a word", async (word: string) => {
  const result: CommandResult = await api.run(`echo ${quote(word)}`, { quiet: true });
  const code: number = result.returnCode;
  api.note(`${code} ${result.stdout}`);
  await api.put("a", "b", { mode: 0o640 });
  if (!(await api.confirm("Go on?"))) return false;
  if (result.failed) throw new BuildoutError("my-code", "It failed");
  return api.commands.deploy?.();
});

export const up = parallel(() => api.run("uptime"));
export const alone = serial(() => api.note("x"));

export async function predeploy(...args: unknown[]) {
  return api.super(...args);
}

// @ts-expect-error: a command is a string
void api.run(1);

// @ts-expect-error: there is no such option
void api.run("uptime", { quite: true });

// @ts-expect-error: a task has a function
task("Nothing");

// @ts-expect-error: the task takes a string
void echo(1);
