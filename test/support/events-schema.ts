import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";

export interface EventLine {
  v: number;
  run: string;
  t: string;
  seq: number;
  type: string;
  [field: string]: unknown;
}

const file = new URL("../../docs/events.schema.json", import.meta.url);
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(JSON.parse(readFileSync(file, "utf8")), "events");

/**
 * The events of a run's output, each checked against the schema of its command: one run, counted
 * from 1, with `done` at the end and nowhere else.
 */
export function eventsIn(output: string, command: "buildout" | "hostout"): EventLine[] {
  const validate = ajv.getSchema(`events#/$defs/${command}`)!;
  expect(output.endsWith("\n")).toBe(true);
  const events = output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as EventLine);
  for (const event of events) {
    if (!validate(event)) throw new Error(`Not as in the schema: ${JSON.stringify(event)}`);
  }
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(new Set(events.map(({ run }) => run)).size).toBe(1);
  expect(events.findIndex(({ type }) => type === "done")).toBe(events.length - 1);
  return events;
}
