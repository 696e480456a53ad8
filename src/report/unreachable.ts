/** Ends a switch over all types of events: the compiler refuses it where one is missing. */
export function unreachable(event: never): never {
  throw new TypeError(`Unknown event: ${JSON.stringify(event)}`);
}
