/**
 * Ends this process by `signal` at once, as if it had no listeners; shells report that as 128 plus its
 * number. `process.exit` waits for pending system calls, and opening a named pipe may block forever.
 */
export function endBySignal(signal: NodeJS.Signals): never {
  // The last listener: those that clean up run before it.
  process.on("exit", () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  process.exit();
}
