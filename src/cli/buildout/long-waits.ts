import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { StatusLine } from "../../report/progress.ts";
import type { Environment } from "./command.ts";

/** Milliseconds before a terminal shows what a run is waiting for. */
const LONG = 3000;

/** Shows on a terminal what is taking long. Loaded late: most runs are over by then. */
export function followed(report: Reporter<EngineEvent>, ask: Environment["ask"]) {
  let last: { event: EngineEvent; since: number } | undefined;
  let follow: (event: EngineEvent, since?: number) => void = () => {};
  let loading: Promise<StatusLine> | undefined;
  const load = async () => {
    const [{ drawable, StatusLine }, { engineWaits }] = await Promise.all([
      import("../../report/progress.ts"),
      import("../../report/engine-waits.ts"),
    ]);
    const status = new StatusLine(drawable(process.stderr, process.env));
    process.once("exit", () => status.close());
    follow = engineWaits(status);
    if (last !== undefined) follow(last.event, last.since);
    return status;
  };
  const status = () => {
    loading ??= load();
    return loading;
  };
  setTimeout(status, LONG).unref();
  return {
    report(event: EngineEvent) {
      last = { event, since: Date.now() };
      follow(event);
      report(event);
    },
    async ask(question: string) {
      const resume = (await status()).pause();
      const answer = await ask(question);
      resume();
      return answer;
    },
    async end() {
      (await loading)?.close();
    },
  };
}
