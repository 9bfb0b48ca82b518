// Single messages and bytes, by a codec that the caller names; nothing here knows all codecs.
import type { Buffer } from 'node:buffer';
import { Reader } from './reader.js';
import { Writer } from './writer.js';

/** What may be written where `T` is read: lists may be left out, bytes may be any Uint8Array. */
export type Encodable<T> = T extends Buffer
  ? Uint8Array
  : T extends (infer U)[]
    ? readonly Encodable<U>[]
    : T extends object
      ? { readonly [K in keyof T as T[K] extends unknown[] ? never : K]: Encodable<T[K]> } & {
          readonly [K in keyof T as T[K] extends unknown[] ? K : never]?: Encodable<T[K]>;
        }
      : T;

/** How one message type is read and written. */
export interface Codec<T> {
  create(): T;
  read(reader: Reader, into: T): void;
  write(writer: Writer, message: Encodable<T>): void;
}

/** Decodes bytes that are exactly one message. `bytes` fields of the result share the memory of `bytes`. */
export function decodeWith<T>(codec: Codec<T>, bytes: Buffer, file = '', base = 0): T {
  const message = codec.create();
  codec.read(new Reader(bytes, 0, bytes.length, file, base), message);
  return message;
}

export function encodeWith<T>(codec: Codec<T>, message: Encodable<T>): Buffer {
  const writer = new Writer();
  codec.write(writer, message);
  return writer.finish();
}
