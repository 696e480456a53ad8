/** The end of a sentence on a command that failed, with its status as `runCommand` has it. */
export function howItEnded(status: number): string {
  return status < 0 ? `was ended by signal ${-status}` : `returned non-zero exit status ${status}`;
}
