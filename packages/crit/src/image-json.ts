// Encodes a whole image from crit's JSON while the text is read.
import { Buffer } from 'node:buffer';
import {
  encodeIpcMessages,
  ImageEncoder,
  ImageError,
  type ImageKind,
  type IpcMsg,
  imageKinds,
  kindInfo,
  type PayloadRule,
} from '@criu/images';
import { EntrySplitter, parseJson } from './entry-splitter.js';
import { MessageJson } from './message-json.js';
import { PlainJson } from './plain-json.js';

/** Approximate size in bytes of the pieces of output. */
const PIECE = 256 * 1024;

export class ImageJson {
  private readonly splitter: EntrySplitter;
  private readonly messages = new MessageJson();
  private readonly plain = new PlainJson();
  private encoder: ImageEncoder<ImageKind> | undefined;
  private count = 0;
  /** Entries before the magic, which determines their type. */
  private early: string[] = [];

  constructor(private readonly write: (bytes: Buffer) => void) {
    this.splitter = new EntrySplitter({
      magic: (name) => this.magic(name),
      entry: (text, long) =>
        this.encoder === undefined ? void this.early.push(text) : this.entry(this.encoder, text, long),
      direct: (chunk, pos) => (this.encoder === undefined ? -1 : this.direct(this.encoder, chunk, pos)),
    });
  }

  push(chunk: Buffer): void {
    this.splitter.push(chunk);
  }

  end(): void {
    this.splitter.end();
    if (this.encoder === undefined) throw new ImageError('bad-value', 'the JSON names no magic');
    if (this.encoder.length > 0) this.write(this.encoder.take());
  }

  private magic(name: string): void {
    const kind = imageKinds.find((item) => item === name);
    if (kind === undefined)
      throw new ImageError('bad-magic', `no image has the magic ${JSON.stringify(name)}`);
    if (this.encoder !== undefined) throw new ImageError('bad-value', 'the JSON names two magics');
    const encoder = new ImageEncoder<ImageKind>(kind);
    this.encoder = encoder;
    for (const text of this.early.splice(0)) this.entry(encoder, text);
  }

  private direct(encoder: ImageEncoder<ImageKind>, chunk: Buffer, pos: number): number {
    let end = -1;
    const done = encoder.encoded((writer, type) => {
      end = this.plain.message(type, chunk, pos, writer);
      return end >= 0;
    });
    if (!done) return -1;
    this.count++;
    if (encoder.length >= PIECE) this.write(encoder.take());
    return end;
  }

  private entry(encoder: ImageEncoder<ImageKind>, text: string, long = true): void {
    const { type, later, payload } = kindInfo(encoder.kind);
    const index = this.count++;
    const value = parseJson(text, long) as { extra?: unknown } | null;
    const message = this.messages.parse(index === 0 ? type : (later ?? type), value, `entries[${index}]`);
    const extra = value?.extra;
    const hasExtra = payload !== undefined && extra !== undefined && extra !== null;
    encoder.item(
      message as never,
      hasExtra ? this.payload(payload, extra, `entries[${index}].extra`) : undefined,
    );
    if (encoder.length >= PIECE) this.write(encoder.take());
  }

  private payload(rule: PayloadRule, extra: unknown, path: string): Buffer {
    if (rule === 'tcp') {
      const { inq, outq } = extra as Record<string, unknown>;
      return Buffer.concat([base64(inq, `${path}.inq`), base64(outq, `${path}.outq`)]);
    }
    if (rule !== 'sem' && rule !== 'messages') return base64(extra, path);
    if (!Array.isArray(extra)) throw new ImageError('bad-value', `${path} must be a list`);
    if (rule === 'sem') {
      const bytes = Buffer.alloc(extra.length * 2);
      for (const [at, value] of extra.entries()) {
        if (!Number.isInteger(value) || value < 0 || value > 0xffff) {
          throw new ImageError('bad-value', `${path}[${at}] must be from 0 to 65535`);
        }
        bytes.writeUInt16LE(value, at * 2);
      }
      return bytes;
    }
    const messages: { header: IpcMsg; data: Buffer }[] = [];
    for (let at = 0; at < extra.length; at += 2) {
      const header = this.messages.parse('IpcMsg', extra[at], `${path}[${at}]`) as IpcMsg;
      messages.push({ header, data: base64(extra[at + 1], `${path}[${at + 1}]`) });
    }
    return encodeIpcMessages(messages);
  }
}

function base64(value: unknown, path: string): Buffer {
  if (typeof value !== 'string') throw new ImageError('bad-value', `${path} must be base64 text`);
  return Buffer.from(value, 'base64');
}

/** Encodes an image from crit's JSON. @throws ImageError */
export function imageFromJson(text: string): Buffer {
  const pieces: Buffer[] = [];
  const image = new ImageJson((piece) => pieces.push(piece));
  image.push(Buffer.from(text));
  image.end();
  return Buffer.concat(pieces);
}
