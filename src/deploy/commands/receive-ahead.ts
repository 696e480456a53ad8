/** Starts the program that receives a release while the host is inspected: decision 036. */
import { NOT_TOLD, receiveProgram } from "../host/release-state.ts";
import type { Deployment } from "../release/deployment.ts";

/** Starts it if there is likely to be a new release. Does not wait. */
export function startReceiver(deployment: Deployment): void {
  const { options, session } = deployment;
  const start = async () => {
    if (!(await deployment.areFilesNew())) return;
    const program = receiveProgram(options);
    deployment.receiver ??= await session.startMeanwhile(program, { unheard: NOT_TOLD });
    // The host is still being inspected, so there is time for this.
    deployment.manifests.readAhead();
  };
  // The commands that need the files or the host report its errors.
  start().catch(() => {});
}
