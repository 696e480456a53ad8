/** What a host has answered to one question whether it is healthy. Without status, exit and late: nothing. */
export interface HealthAnswer {
  ok: boolean;
  /** Of HTTP. */
  status?: number;
  /** Of a command. */
  exit?: number;
  /** It took too long. */
  late?: true;
  /** The first of a body, or the last ones that a command printed. */
  lines: string[];
}

/** The end of a log file, below the path. */
export interface HealthLog {
  path: string;
  lines: string[];
}
