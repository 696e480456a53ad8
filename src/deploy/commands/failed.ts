import { BuildoutError } from "../../errors/error.ts";
import type { ExecResult } from "../../ssh/commands/exec.ts";

/** The error for one of our programs that failed on the host, with its output. */
export function failed(what: string, result: ExecResult): BuildoutError {
  const output = `${result.stdout}${result.stderr}`.trim();
  if (/no space left on device|disk quota exceeded/i.test(output)) {
    return new BuildoutError("remote-disk-full", `${what} failed: the host's disk is full.`, {
      output,
      hint: "Free some space on the host, in /tmp too, and deploy again; nothing of the running release was changed.",
    });
  }
  if (/permission denied|read-only file system|operation not permitted/i.test(output)) {
    return new BuildoutError("remote-not-writable", `${what} failed: permission denied.`, {
      output,
      hint: "The buildout user must own the directory: check 'path', 'buildout-cache' and 'buildout-user', or run 'bootstrap'.",
    });
  }
  const [, missing] = /(?:^|[\s:])([\w.+-]+): (?:command )?not found$/m.exec(output) ?? [];
  return new BuildoutError(
    "remote-command-failed",
    `${what} failed with status ${result.code ?? result.signal}.`,
    { output, ...(missing !== undefined && { hint: `Install ${missing} on the host.` }) },
  );
}
