// Decodes an image from pieces of any size. All other readers are built on this.
import { Buffer } from 'node:buffer';
import { codecs } from './codec.generated.js';
import type { MessageName } from './codec.js';
import type { Codec } from './codec-with.js';
import { ImageError, type ImageErrorCode } from './errors.js';
import { FileShapes } from './file-shapes.js';
import { IMG_COMMON, IMG_SERVICE, type ImageKind, type KindInfo, kindInfo, kindOfMagic } from './kinds.js';
import { type PayloadPlan, planPayload } from './payload.js';
import { type Alike, Reader } from './reader.js';
import type { FileEntry } from './types.generated.js';

/** Receives the parts of an image from an `ImageDecoder` in the order of the file. */
export interface ImageSink {
  /** Called after the magic. `version` is 1.0 if the file begins with the magic of its kind, and 1.1 otherwise. */
  begin?(kind: ImageKind, version: '1.0' | '1.1'): void;
  /** Called for an entry. `plan` describes the raw bytes that follow, which `payload` receives. */
  entry(entry: object, type: MessageName, plan: PayloadPlan | undefined): void;
  /**
   * Called for each piece of the payload of the last entry. The piece shares memory with the bytes that were pushed.
   */
  payload?(bytes: Buffer): void;
}

export interface DecoderOptions {
  /** Expected kind; another one is an error. */
  readonly kind?: ImageKind | undefined;
  /** Path for error messages. */
  readonly file?: string | undefined;
  /** Whether entries that have the same owner, or options of sockets, share an object. */
  readonly alike?: boolean | undefined;
}

type State = 'magic' | 'entry' | 'payload' | 'pad' | 'message' | 'rest';

export class ImageDecoder {
  private readonly file: string;
  private readonly alike: Alike | undefined;
  /** For open files that are alike. */
  readonly shapes: FileShapes | undefined;
  private state: State = 'magic';
  private info: KindInfo | undefined;
  private first = true;
  /** Remaining bytes of the payload and of its padding. */
  private left = 0;
  private pad = 0;
  private messages = 0;
  /** Bytes that were pushed and not consumed yet, and the number of bytes needed for the next step. */
  private held: Buffer[] = [];
  private heldBytes = 0;
  private need = 4;
  /** File offset of the first byte that is not consumed. */
  private offset = 0;

  constructor(
    private readonly sink: ImageSink,
    private readonly options: DecoderOptions = {},
  ) {
    this.file = options.file ?? '';
    this.alike = options.alike ? new Map() : undefined;
    this.shapes = options.alike ? new FileShapes() : undefined;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    let buf = chunk;
    if (this.heldBytes > 0) {
      this.held.push(chunk);
      this.heldBytes += chunk.length;
      if (this.heldBytes < this.need) return;
      buf = Buffer.concat(this.held, this.heldBytes);
    }
    const used = this.run(buf);
    this.offset += used;
    this.held = used < buf.length ? [buf.subarray(used)] : [];
    this.heldBytes = buf.length - used;
  }

  /** Ends the image. @throws ImageError `truncated` if it is incomplete */
  end(): void {
    const at = this.offset + this.heldBytes;
    if (this.state === 'rest' || this.state === 'pad') return;
    if (this.state === 'entry' && this.heldBytes === 0) return;
    const where = {
      magic: 'the magic',
      entry: this.heldBytes < 4 ? 'the size of an entry' : `an entry of ${this.need - 4} bytes`,
      payload: `a payload that lacks ${this.left} bytes`,
      message: 'a message of a queue',
    }[this.state];
    this.fail('truncated', at === 0 ? 'the file is empty' : `the file ends inside ${where}`, at);
  }

  private fail(code: ImageErrorCode, reason: string, at: number): never {
    throw new ImageError(code, reason, this.file, at);
  }

  /** Consumes as much of `buf` as possible and returns the number of bytes consumed. */
  private run(buf: Buffer): number {
    let pos = 0;
    while (pos < buf.length) {
      const left = buf.length - pos;
      if (this.state === 'entry' || this.state === 'magic') {
        const used = this.state === 'entry' ? this.readEntry(buf, pos) : this.readMagic(buf, pos);
        if (used === 0) break;
        pos += used;
      } else if (this.state === 'message') {
        const used = this.readMessage(buf, pos);
        if (used === 0) break;
        pos += used;
      } else if (this.state === 'pad') {
        const size = Math.min(left, this.left);
        pos += size;
        this.left -= size;
        if (this.left === 0) this.state = 'entry';
      } else {
        const size = this.state === 'rest' ? left : Math.min(left, this.left);
        this.sink.payload?.(buf.subarray(pos, pos + size));
        pos += size;
        if (this.state === 'payload') this.took(size);
      }
    }
    // The size of a partial entry is known, so the decoder waits for the whole entry and joins its pieces only once.
    if (pos === buf.length) this.need = 4;
    return pos;
  }

  private took(size: number): void {
    this.left -= size;
    if (this.left > 0) return;
    this.left = this.pad;
    this.state = this.messages > 0 ? 'message' : this.pad > 0 ? 'pad' : 'entry';
    this.pad = 0;
  }

  private readMagic(buf: Buffer, pos: number): number {
    if (!this.has(buf, pos, 4)) return 0;
    let magic = buf.readUInt32LE(pos);
    const headed = magic === IMG_COMMON || magic === IMG_SERVICE;
    if (headed) {
      if (!this.has(buf, pos, 8)) return 0;
      magic = buf.readUInt32LE(pos + 4);
    }
    const kind = kindOfMagic(magic);
    const at = this.offset + pos + (headed ? 4 : 0);
    if (kind === undefined) this.fail('bad-magic', `unknown magic ${hex(magic)}`, at);
    const { kind: wanted } = this.options;
    if (wanted !== undefined && wanted !== kind)
      this.fail('bad-magic', `the magic is that of ${kind}, not of ${wanted}`, at);
    this.info = kindInfo(kind);
    this.sink.begin?.(kind, headed ? '1.1' : '1.0');
    this.state = 'entry';
    return headed ? 8 : 4;
  }

  private readEntry(buf: Buffer, pos: number): number {
    if (!this.has(buf, pos, 4)) return 0;
    const size = buf.readInt32LE(pos);
    if (size < 0) this.fail('bad-size', `an entry of ${size} bytes`, this.offset + pos);
    if (!this.has(buf, pos, 4 + size)) return 0;
    const { info } = this;
    if (!info) this.fail('bad-magic', 'an entry before the magic', this.offset + pos);
    const { first } = this;
    this.first = false;
    const type = first ? info.type : (info.later ?? info.type);
    const codec = codecs[type] as Codec<object>;
    const decode = (): object => {
      const entry = codec.create();
      codec.read(new Reader(buf, pos + 4, pos + 4 + size, this.file, this.offset, this.alike), entry);
      return entry;
    };
    const entry =
      this.shapes && type === 'FileEntry'
        ? this.shapes.read(buf, pos + 4, pos + 4 + size, decode as () => FileEntry)
        : decode();
    const plan = info.payload === undefined ? undefined : this.plan(info.payload, entry, first, pos);
    this.sink.entry(entry, type, plan);
    return 4 + size;
  }

  private plan(
    rule: NonNullable<KindInfo['payload']>,
    entry: object,
    first: boolean,
    pos: number,
  ): PayloadPlan {
    const plan = planPayload(rule, entry, first);
    if (plan === undefined) this.fail('bad-size', 'a payload larger than any file', this.offset + pos);
    if (plan.is === 'rest') this.state = 'rest';
    if (plan.is === 'messages' && plan.count > 0) {
      this.state = 'message';
      this.messages = plan.count;
    }
    if (plan.is === 'bytes' && plan.size > 0) {
      this.state = 'payload';
      this.left = plan.size;
      this.pad = plan.pad;
    }
    return plan;
  }

  /** Passes on the size and header of one message of a System V queue; its data follows as payload. */
  private readMessage(buf: Buffer, pos: number): number {
    if (!this.has(buf, pos, 4)) return 0;
    const size = buf.readInt32LE(pos);
    if (size < 0) this.fail('bad-size', `a message header of ${size} bytes`, this.offset + pos);
    if (!this.has(buf, pos, 4 + size)) return 0;
    const header = codecs.IpcMsg.create();
    codecs.IpcMsg.read(new Reader(buf, pos + 4, pos + 4 + size, this.file, this.offset), header);
    this.messages--;
    this.sink.payload?.(buf.subarray(pos, pos + 4 + size));
    this.state = 'payload';
    // The padding between messages belongs to the payload, since messages are no entries.
    this.left = header.msize + (-header.msize & 7);
    if (this.left === 0) this.took(0);
    return 4 + size;
  }

  private has(buf: Buffer, pos: number, bytes: number): boolean {
    this.need = bytes;
    return buf.length - pos >= bytes;
  }
}

export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
