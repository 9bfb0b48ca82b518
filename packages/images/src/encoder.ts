// Encodes an image entry by entry.
import { Buffer } from 'node:buffer';
import { codecs } from './codec.generated.js';
import type { MessageName } from './codec.js';
import type { Codec, Encodable } from './codec-with.js';
import { ImageError } from './errors.js';
import {
  IMG_COMMON,
  IMG_SERVICE,
  type ImageKind,
  type ImageMessages,
  type KindInfo,
  kindInfo,
} from './kinds.js';
import { decodeIpcMessages, planPayload } from './payload.js';
import { Writer } from './writer.js';

export class ImageEncoder<K extends ImageKind> {
  private readonly info: KindInfo;
  private first = true;
  private closed = false;

  /** @param writer receives the bytes, behind its present contents */
  constructor(
    readonly kind: K,
    private readonly writer = new Writer(4096),
  ) {
    this.info = kindInfo(kind);
    const { header = 'common', magic } = this.info;
    if (header !== 'none') this.writer.fixed32(header === 'service' ? IMG_SERVICE : IMG_COMMON);
    this.writer.fixed32(magic);
  }

  /** Number of bytes that `take` would return. */
  get length(): number {
    return this.writer.length;
  }

  /**
   * Appends an entry and its payload.
   * @throws ImageError if a value does not fit the schema or the payload not the entry
   */
  item(entry: Encodable<ImageMessages[K]>, payload?: Uint8Array): void {
    const { info, writer, first } = this;
    if (this.closed)
      throw new ImageError('bad-value', `nothing can follow the content of a ${this.kind} image`);
    this.first = false;
    const codec = codecs[first ? info.type : (info.later ?? info.type)] as Codec<object>;
    const at = writer.length;
    writer.fixed32(0);
    codec.write(writer, entry);
    writer.patch32(at, writer.length - at - 4);
    if (info.payload === undefined) {
      if (payload !== undefined && payload.length > 0) this.wrong(payload.length, 0);
      return;
    }
    const plan = planPayload(info.payload, entry as object, first);
    if (plan === undefined) throw new ImageError('bad-value', `a ${this.kind} payload larger than any file`);
    const length = payload?.length ?? 0;
    if (plan.is === 'bytes' && plan.size !== length) this.wrong(length, plan.size);
    if (plan.is === 'none' && length > 0) this.wrong(length, 0);
    if (plan.is === 'messages' && payload !== undefined) {
      decodeIpcMessages(asBuffer(payload), plan.count);
    } else if (plan.is === 'messages' && plan.count > 0) {
      throw new ImageError('bad-value', `the ${plan.count} messages of a queue are missing`);
    }
    if (plan.is === 'rest') this.closed = true;
    if (payload !== undefined) writer.raw(payload);
    if (plan.is === 'bytes') writer.zeros(plan.pad);
  }

  /**
   * Appends an entry that the caller encodes itself, with all required fields in the order of field numbers.
   * @param write gets the type of the entry; if it returns false, its output is discarded
   * @returns the result of `write`
   */
  encoded(write: (writer: Writer, type: MessageName) => boolean): boolean {
    const { info, writer, first } = this;
    if (this.closed || info.payload !== undefined) return false;
    const at = writer.length;
    writer.fixed32(0);
    if (!write(writer, first ? info.type : (info.later ?? info.type))) {
      writer.truncate(at);
      return false;
    }
    writer.patch32(at, writer.length - at - 4);
    this.first = false;
    return true;
  }

  /** Returns the bytes encoded since the last call. They stay valid. */
  take(): Buffer {
    return this.writer.take();
  }

  private wrong(have: number, want: number): never {
    throw new ImageError('bad-value', `a ${this.kind} entry with ${want} bytes of payload got ${have}`);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
