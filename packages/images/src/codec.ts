// Encoding and decoding of single messages by the name of their type.
import type { Buffer } from 'node:buffer';
import { codecs } from './codec.generated.js';
import { decodeWith, type Encodable, encodeWith } from './codec-with.js';
import type { MessageTypes } from './types.generated.js';

export type MessageName = keyof MessageTypes;

/**
 * Decodes one message by the name of its TypeScript type, as in `decodeMessage('VmaEntry', bytes)`.
 * @throws ImageError
 */
export function decodeMessage<K extends MessageName>(type: K, bytes: Buffer): MessageTypes[K] {
  return decodeWith<MessageTypes[K]>(codecs[type], bytes);
}

/**
 * Encodes one message by the name of its TypeScript type, with fields in the order of their numbers.
 * @throws ImageError
 */
export function encodeMessage<K extends MessageName>(type: K, message: Encodable<MessageTypes[K]>): Buffer {
  return encodeWith<MessageTypes[K]>(codecs[type], message);
}
