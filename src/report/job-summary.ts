import type { HostoutEvent } from "../events/deployment.ts";
import type { HostPlan } from "../events/deployment-plan.ts";
import type { Reporter } from "../events/reporter.ts";
import { deploymentPlanMarkdown } from "./deployment-plan-markdown.ts";
import type { ShownDiff } from "./deployment-plan-text.ts";
import { releaseText } from "./done-text.ts";
import { firstLine, type HostSummary, OUTCOME_WORDS, outcomeCounts } from "./summary-text.ts";

/** Maximum length of an error in a row. */
const LONGEST = 500;

/** A Markdown summary of a call for a CI system: a row for each host, or its plan. */
export class JobSummary {
  readonly #title: string;
  readonly #ends = new Map<string, HostSummary>();
  readonly #releases = new Map<string, string>();
  readonly #errors = new Map<string, string>();
  readonly #plans = new Map<string, HostPlan>();
  /** Why no host was reached. */
  #failure: string | undefined;

  constructor(title: string) {
    this.#title = title;
  }

  readonly report: Reporter<HostoutEvent> = (event) => {
    if (event.type === "finished") this.#ends.set(event.host, event);
    else if (event.type === "deployed") this.#releases.set(event.host, releaseText(event));
    else if (event.type === "plan") this.#plans.set(event.host, event);
    else if (event.type === "error" && event.host) this.#errors.set(event.host, event.message);
    else if (event.type === "error") this.#failure = event.message;
  };

  /** In the order of `hosts`, limited to so many bytes; empty if there is nothing to report. */
  text(hosts: readonly string[], limit: number, diff: ShownDiff, now: Date): string {
    const ends = hosts.flatMap((host) => this.#ends.get(host) ?? []);
    const page = new Page(limit);
    if (ends.length === 0) {
      if (this.#failure !== undefined) this.#addFailure(page, this.#failure);
      return page.text;
    }
    // If each host has a plan, these are enough.
    if (ends.some(({ host }) => !this.#plans.has(host))) this.#addTable(page, ends);
    const plans = hosts.flatMap((host) => {
      const plan = this.#plans.get(host);
      return plan === undefined ? [] : [{ host, plan }];
    });
    const left = plans.filter(({ host, plan }) => {
      const shorter: ShownDiff[] = diff === "full" ? ["full", "stat"] : [diff];
      return !shorter.some((one) =>
        page.add(
          `${page.text === "" ? "" : "\n"}${deploymentPlanMarkdown(host, plan, { diff: one, now })}`,
        ),
      );
    });
    page.end(left.length, "plans");
    return page.text;
  }

  /** Each line unchanged: some name hosts. */
  #addFailure(page: Page, failure: string): void {
    page.add(`## ${escaped(this.#title)}\n\n`);
    const lines = failure.split("\n").map((line) => escaped(line.trim().slice(0, LONGEST)));
    const left = lines.filter((line, index) => !page.add(`${index === 0 ? "" : "<br>\n"}${line}`));
    page.add("\n");
    page.end(left.length, "lines");
  }

  #addTable(page: Page, ends: readonly HostSummary[]): void {
    page.add(`## ${escaped(this.#title)}\n\n`);
    page.add("| Host | Outcome | Release | Time | Error |\n| --- | --- | --- | --- | --- |\n");
    const left = ends.filter(({ host, outcome, seconds }) => {
      const cells = [
        host,
        OUTCOME_WORDS[outcome],
        this.#releases.get(host) ?? "",
        seconds === undefined ? "" : `${seconds} s`,
        firstLine(this.#errors.get(host)).slice(0, LONGEST),
      ];
      return !page.add(`| ${cells.map(escaped).join(" | ")} |\n`);
    });
    page.end(left.length, "hosts");
    page.add(`\n${outcomeCounts(ends)}\n`);
  }
}

/** Space for the note on omissions. */
const RESERVE = 200;

/** Text with a size limit. */
class Page {
  text = "";
  #bytes = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit - RESERVE;
  }

  /** Adds it if it fits. Returns whether it did. */
  add(text: string): boolean {
    const bytes = Buffer.byteLength(text);
    if (this.#bytes + bytes > this.#limit) return false;
    this.text += text;
    this.#bytes += bytes;
    return true;
  }

  end(left: number, what: string): void {
    if (left > 0)
      this.text += `\n${left} more ${what} are left out: the page would be too large.\n`;
  }
}

/** Escaped for Markdown, without formatting or mentions. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:;/'"()=+-]/gu, (one) => `&#${one.codePointAt(0)};`);
}
