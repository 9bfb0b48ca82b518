// Errors of the readers and writers of images.

/**
 * Names for the kinds of errors in an image, which stay the same in all versions:
 * - `io`: the file could not be read or written; `cause` has the system's error
 * - `bad-magic`: the file does not start with the magic of a known (or of the expected) kind
 * - `truncated`: the file ends inside a header, an entry or a payload
 * - `bad-size`: an impossible size: negative, or beyond the enclosing object
 * - `bad-wire`: bytes that are not a protocol buffer message
 * - `missing-field`: a required field is absent
 * - `bad-value`: a value that the schema, or its use in the image, does not allow
 * - `unresolved`: a reference to a missing image, entry or page
 */
export const imageErrorCodes = [
  'io',
  'bad-magic',
  'truncated',
  'bad-size',
  'bad-wire',
  'missing-field',
  'bad-value',
  'unresolved',
] as const;
export type ImageErrorCode = (typeof imageErrorCodes)[number];

/** An image that cannot be read, or an object that cannot be encoded as one. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  constructor(
    readonly code: ImageErrorCode,
    /** The problem without its place. */
    readonly reason: string,
    /** Path of the image as the caller gave it; empty if the bytes are not from a file. */
    readonly file = '',
    /** Offset in the file in bytes; 0 for encoding. */
    readonly offset = 0,
    options?: ErrorOptions,
  ) {
    super(`${file === '' ? 'image' : file}: ${reason} (${code}, offset ${offset})`, options);
  }
}
