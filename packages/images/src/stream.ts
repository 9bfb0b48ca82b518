/// <reference types="node" preserve="true" />
// Images of any size, entry by entry. Memory holds one piece of the file at a time.

import { Buffer } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { pathArg } from './bytes.js';
import type { Encodable } from './codec-with.js';
import { ImageDecoder } from './decoder.js';
import { ImageEncoder } from './encoder.js';
import { type ImageItem, ioError } from './image.js';
import type { ImageKind, ImageMessages } from './kinds.js';
import type { PayloadPlan } from './payload.js';

/** Bytes of one read. */
const CHUNK = 256 * 1024;

/** Collects the items that are complete; joins the pieces of payloads. */
class Collector<K extends ImageKind> {
  readonly decoder: ImageDecoder;
  private ready: ImageItem<ImageMessages[K]>[] = [];
  private open: ImageItem<ImageMessages[K]> | undefined;
  private pieces: Buffer[] = [];

  constructor(kind: K | undefined, file: string) {
    this.decoder = new ImageDecoder(
      { entry: (entry, _type, plan) => this.entry(entry, plan), payload: (piece) => this.pieces.push(piece) },
      { kind, file },
    );
  }

  take(last: boolean): ImageItem<ImageMessages[K]>[] {
    if (last) this.close();
    const out = this.ready;
    this.ready = [];
    return out;
  }

  private entry(entry: object, plan: PayloadPlan | undefined): void {
    this.close();
    const item = { entry } as ImageItem<ImageMessages[K]>;
    if (plan === undefined || plan.is === 'none') this.ready.push(item);
    else this.open = item;
  }

  private close(): void {
    if (this.open === undefined) return;
    const [first, ...more] = this.pieces;
    this.open.payload = first && more.length === 0 ? first : Buffer.concat(this.pieces);
    this.ready.push(this.open);
    this.open = undefined;
    this.pieces = [];
  }
}

/**
 * The items of an image that arrives in pieces of any size, for example from a file stream or a socket. An item with a
 * payload is delivered when its payload is complete.
 * @throws ImageError
 */
export async function* streamImage<K extends ImageKind>(
  kind: K,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  file = '',
): AsyncGenerator<ImageItem<ImageMessages[K]>, void, undefined> {
  const collector = new Collector(kind, file);
  for await (const chunk of chunks) {
    collector.decoder.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    yield* collector.take(false);
  }
  collector.decoder.end();
  yield* collector.take(true);
}

/** The items of an image file, one after the other. @throws ImageError */
export async function* streamImageFile<K extends ImageKind>(
  path: string,
  kind: K,
): AsyncGenerator<ImageItem<ImageMessages[K]>, void, undefined> {
  const handle = await open(pathArg(path)).catch((error: unknown) => {
    throw ioError('open', path, error);
  });
  try {
    yield* streamImage(kind, handle.createReadStream({ highWaterMark: CHUNK, autoClose: false }), path);
  } finally {
    await handle.close();
  }
}

/** As {@link streamImageFile}, with synchronous reads. */
export function* streamImageFileSync<K extends ImageKind>(
  path: string,
  kind: K,
): Generator<ImageItem<ImageMessages[K]>, void, undefined> {
  const collector = new Collector(kind, path);
  for (const chunk of fileChunks(path)) {
    collector.decoder.push(chunk);
    yield* collector.take(false);
  }
  collector.decoder.end();
  yield* collector.take(true);
}

/** The contents of a file in pieces, each in memory of its own. @throws ImageError `io` */
export function* fileChunks(path: string): Generator<Buffer, void, undefined> {
  let fd: number;
  try {
    fd = openSync(pathArg(path), 'r');
  } catch (error) {
    throw ioError('open', path, error);
  }
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(CHUNK);
      let size: number;
      try {
        size = readSync(fd, buffer, 0, CHUNK, null);
      } catch (error) {
        throw ioError('read', path, error);
      }
      if (size === 0) return;
      yield buffer.subarray(0, size);
    }
  } finally {
    closeSync(fd);
  }
}

/** Encodes items as they arrive. Each piece consists of whole entries. @throws ImageError */
export async function* encodeImageStream<K extends ImageKind>(
  kind: K,
  items:
    | AsyncIterable<{ entry: Encodable<ImageMessages[K]>; payload?: Uint8Array | undefined }>
    | Iterable<{ entry: Encodable<ImageMessages[K]>; payload?: Uint8Array | undefined }>,
): AsyncGenerator<Buffer, void, undefined> {
  const encoder = new ImageEncoder(kind);
  for await (const item of items) {
    encoder.item(item.entry, item.payload);
    if (encoder.length >= CHUNK) yield encoder.take();
  }
  if (encoder.length > 0) yield encoder.take();
}
