/**
 * Ends this process by `signal` at once, as if nobody had listened for it; shells count that as 128
 * and its number. The end of `process.exit` waits for system calls that are under way, and one that
 * opens a named pipe may wait for ever.
 */
export function endBySignal(signal: NodeJS.Signals): never {
  // The last listener: those that tidy up come before it.
  process.on("exit", () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  process.exit();
}
