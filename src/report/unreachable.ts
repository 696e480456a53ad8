/** Ends a switch over all types of events: it does not compile if one is missing. */
export function unreachable(event: never): never {
  throw new TypeError(`Unknown event: ${JSON.stringify(event)}`);
}
