/** Something in a directory that has no content to transfer: a named pipe, a socket, a device. */
export interface LeftOut {
  path: string;
  /** `a socket` */
  kind: string;
}
