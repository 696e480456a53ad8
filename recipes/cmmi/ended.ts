/** The end of a sentence about a failed command, with its status from `runCommand`. */
export function howItEnded(status: number): string {
  return status < 0 ? `was ended by signal ${-status}` : `returned non-zero exit status ${status}`;
}
