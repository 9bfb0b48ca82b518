// What the readers and writers of images throw.

/**
 * Stable names of what can be wrong with an image:
 * - `io`: the file could not be read or written; `cause` has the system's error
 * - `bad-magic`: the file does not start with the magic of a known (or of the expected) kind
 * - `truncated`: the file ends inside a header, an entry or a payload
 * - `bad-size`: a size that can not be right (negative, or beyond what its owner holds)
 * - `bad-wire`: bytes that are not a protocol buffer message
 * - `missing-field`: a required field is absent
 * - `bad-value`: a value that the schema, or its use in the image, does not allow
 * - `unresolved`: a reference to an image, an entry or a page that is not there
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

/** An image that can not be read, or an object that can not be written as one. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  constructor(
    readonly code: ImageErrorCode,
    /** What is wrong, without the place. */
    readonly reason: string,
    /** The image's path as the caller gave it; empty where bytes did not come from a file. */
    readonly file = '',
    /** Byte offset in that file; 0 when writing. */
    readonly offset = 0,
    options?: ErrorOptions,
  ) {
    super(`${file === '' ? 'image' : file}: ${reason} (${code}, offset ${offset})`, options);
  }
}
