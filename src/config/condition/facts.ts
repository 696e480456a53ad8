/** What conditions ask about the Python interpreter and its machine. */
export interface PythonFacts {
  /** `sys.version_info`: major, minor, micro, release level, serial */
  versionInfo: [number, number, number, string, number];
  /** `sys.version` */
  version: string;
  /** `platform.python_implementation()`, such as CPython */
  implementation: string;
  /** `sys.platform` */
  platform: string;
  /** `os.name` */
  osName: string;
  /** `sys.maxsize`, which tells 32 from 64 bits */
  maxSize: bigint;
  /** `sys.byteorder` */
  byteOrder: string;
  /** `platform.machine()`, `system()`, `release()`, `version()`, `node()` */
  machine: string;
  system: string;
  release: string;
  systemVersion: string;
  node: string;
  /** `platform.libc_ver()` */
  libc: [string, string];
  /** The tag of the binary interface, such as cp311 */
  abiTag: string;
  /** `sys.executable` */
  executable: string;
}
