// Fields that the schema does not know are stored under a symbol, so that JSON and loops over keys do not see them.
import type { Buffer } from 'node:buffer';

/** Key of the raw bytes (with tags) of the unknown fields of a message, in the order of the file. */
export const unknownFields: unique symbol = Symbol.for('@criu/images unknown fields');

export interface HasUnknown {
  [unknownFields]?: Buffer[];
}
