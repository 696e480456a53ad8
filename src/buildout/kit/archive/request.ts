export interface UnpackRequest {
  /** Path of the archive, or of a folder, which is copied. */
  source: string;
  /** An empty folder to unpack into. */
  folder: string;
  /** What messages call the archive. */
  shown: string;
  /** Tells for each name, which of a folder may end in a slash, whether it is unpacked. */
  include?: ((name: string) => boolean) | undefined;
  /** How many folders at the top symbolic links may not leave: those that the caller strips. Default 0. */
  linkLevels?: number;
}
