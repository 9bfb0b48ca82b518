// Turns single messages into bytes and back, whichever their type.
import type { Buffer } from 'node:buffer';
import { codecs } from './codec.generated.js';
import { Reader } from './reader.js';
import type { MessageTypes } from './types.generated.js';
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

export type MessageName = keyof MessageTypes;

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

/** Decodes one message by the name of its TypeScript type, as in `decodeMessage('VmaEntry', bytes)`. */
export function decodeMessage<K extends MessageName>(type: K, bytes: Buffer): MessageTypes[K] {
  return decodeWith<MessageTypes[K]>(codecs[type], bytes);
}

/** Encodes one message by the name of its TypeScript type; fields go out in the order of their numbers. */
export function encodeMessage<K extends MessageName>(type: K, message: Encodable<MessageTypes[K]>): Buffer {
  return encodeWith<MessageTypes[K]>(codecs[type], message);
}
