/** A host's answer to one health check. No answer if status, exit and late are missing. */
export interface HealthAnswer {
  ok: boolean;
  /** Of HTTP. */
  status?: number;
  /** Of a command. */
  exit?: number;
  /** It took too long. */
  late?: true;
  /** The first lines of a body, or the last lines of a command's output. */
  lines: string[];
}

/** The end of a log file, below the path. */
export interface HealthLog {
  path: string;
  lines: string[];
}
