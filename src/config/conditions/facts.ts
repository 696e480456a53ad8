/** Facts about the Python interpreter and its machine for conditions. */
export interface PythonFacts {
  /** The first number of the version; the only one known without an interpreter. */
  readonly major: number;
  /** `sys.version_info`: major, minor, micro, release level, serial */
  readonly versionInfo: readonly [number, number, number, string, number];
  /** `sys.version` */
  readonly version: string;
  /** `platform.python_implementation()`, such as CPython */
  readonly implementation: string;
  /** `sys.maxsize`, which tells 32 from 64 bits */
  readonly maxSize: bigint;
  /** `platform.libc_ver()` */
  readonly libc: readonly [string, string];
  /** The tag of the binary interface, such as cp311 */
  readonly abiTag: string;
  /** `sys.executable` */
  readonly executable: string;
  /** The absolute folders of `sys.path`, those of PYTHONPATH left out */
  readonly searchPath: readonly string[];
  /** `sys.platform` */
  readonly platform: string;
  /** `os.name` */
  readonly osName: string;
  /** `sys.byteorder` */
  readonly byteOrder: string;
  /** `platform.machine()`, `system()`, `release()`, `version()`, `node()` */
  readonly machine: string;
  readonly system: string;
  readonly release: string;
  readonly systemVersion: string;
  readonly node: string;
}

/** Facts of the machine, which need no interpreter. */
export type MachineFacts = Pick<
  PythonFacts,
  "platform" | "osName" | "byteOrder" | "machine" | "system" | "release" | "systemVersion" | "node"
>;

/** Facts of the interpreter. */
export type InterpreterFacts = Omit<PythonFacts, keyof MachineFacts>;

/** The Python that conditions are about. */
export interface Python {
  facts(): PythonFacts;
  /**
   * Whether the first item of the list `[expression]` is true; undefined if there is no interpreter to ask.
   * Throws ConditionProblem.
   */
  evaluate(expression: string): boolean | undefined;
}
