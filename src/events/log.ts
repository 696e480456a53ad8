/** Where a long installation says what it is doing. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
}
