// Encoding and decoding of single messages with a codec from the caller. This module imports no codec, so bundles
// contain only those in use.
import type { Buffer } from 'node:buffer';
import { Reader } from './reader.js';
import { Writer } from './writer.js';

/** The input type of the encoder for `T`: lists may be missing, and bytes may be any Uint8Array. */
export type Encodable<T> = T extends Buffer
  ? Uint8Array
  : T extends (infer U)[]
    ? readonly Encodable<U>[]
    : T extends object
      ? { readonly [K in keyof T as T[K] extends unknown[] ? never : K]: Encodable<T[K]> } & {
          readonly [K in keyof T as T[K] extends unknown[] ? K : never]?: Encodable<T[K]>;
        }
      : T;

/** Reads and writes messages of one type. */
export interface Codec<T> {
  create(): T;
  read(reader: Reader, into: T): void;
  write(writer: Writer, message: Encodable<T>): void;
}

/**
 * Decodes bytes that are exactly one message. `bytes` fields of the result share the memory of `bytes`.
 * @param file path for error messages
 * @param base offset of `bytes` in that file, in bytes, for error messages
 * @throws ImageError if the bytes are no such message
 */
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
