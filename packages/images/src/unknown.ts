// Where fields that the schema does not know are kept: under a symbol, so that JSON and key loops do not see them.
import type { Buffer } from 'node:buffer';

/** Key of the raw bytes (tags included) of a message's unknown fields, in the order of the file. */
export const unknownFields: unique symbol = Symbol.for('@criu/images unknown fields');

export interface HasUnknown {
  [unknownFields]?: Buffer[];
}
