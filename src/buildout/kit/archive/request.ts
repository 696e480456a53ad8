export interface UnpackRequest {
  /** Path of the archive, or of a directory to copy. */
  source: string;
  /** An empty directory to unpack into. */
  folder: string;
  /** Name of the archive in messages. */
  shown: string;
  /** Returns for each name whether to unpack it; names of directories may end in a slash. */
  include?: ((name: string) => boolean) | undefined;
  /** Number of top directories that symbolic links must not leave, because the caller strips them. Default 0. */
  linkLevels?: number;
}
