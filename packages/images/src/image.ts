// Whole images: conversion between bytes or files and items.

import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { getSystemErrorMap } from 'node:util';
import { pathArg } from './bytes.js';
import type { Encodable } from './codec-with.js';
import { ImageDecoder } from './decoder.js';
import { ImageEncoder } from './encoder.js';
import { ImageError } from './errors.js';
import { IMG_COMMON, IMG_SERVICE, type ImageKind, type ImageMessages, kindOfMagic } from './kinds.js';
import { Writer } from './writer.js';

/** One entry of an image with its payload. */
export interface ImageItem<M> {
  entry: M;
  /** Raw bytes that follow the entry, without padding. `kinds` defines which images have payloads. */
  payload?: Buffer;
  /** Of open files that were decoded for reading only: an earlier entry that differs in ids alone. */
  like?: M;
}

/** An item for encoding. */
export interface EncodableItem<M> {
  readonly entry: Encodable<M>;
  readonly payload?: Uint8Array | undefined;
}

/**
 * Decodes a whole image. `bytes` fields and payloads share the memory of `bytes`.
 * @param how `alike`: owners of files, options of sockets and other parts that are the same in several entries are one object,
 * which is for those who only read
 * @throws ImageError if the bytes are no complete image of this kind
 */
export function decodeImage<K extends ImageKind>(
  kind: K,
  bytes: Buffer,
  file?: string,
  { alike = false }: { readonly alike?: boolean } = {},
): ImageItem<ImageMessages[K]>[] {
  const items: ImageItem<ImageMessages[K]>[] = [];
  const collector = {
    entry(entry: object, _type: string, plan: unknown) {
      const like = decoder.shapes?.like;
      const item = (like === undefined ? { entry } : { entry, like }) as ImageItem<ImageMessages[K]>;
      if (plan !== undefined && (plan as { is: string }).is !== 'none') item.payload = Buffer.alloc(0);
      items.push(item);
    },
    payload(piece: Buffer) {
      const item = items.at(-1);
      if (!item) return;
      const { payload: before = Buffer.alloc(0) } = item;
      // All pieces are adjacent parts of one buffer, so they are joined without copying.
      if (before.length === 0) item.payload = piece;
      else {
        const start = before.byteOffset - bytes.byteOffset;
        item.payload = bytes.subarray(start, start + before.length + piece.length);
      }
    },
  };
  const decoder = new ImageDecoder(collector, { kind, file, alike });
  decoder.push(bytes);
  decoder.end();
  return items;
}

/** Initial bytes of the buffer, enough for most images. */
const ROOM = 1 << 16;
/** Reused for all images, since allocating a buffer would take longer than encoding a small image. */
let room = new Writer(ROOM);

/**
 * Encodes a whole image of format 1.1.
 * @throws ImageError if a value does not fit the schema, or the length of a payload does not match its entry
 */
export function encodeImage<K extends ImageKind>(
  kind: K,
  items: readonly EncodableItem<ImageMessages[K]>[],
): Buffer {
  room.truncate(0);
  room.expectAlike();
  const encoder = new ImageEncoder(kind, room);
  for (const item of items) encoder.item(item.entry, item.payload);
  const bytes = room.finish();
  if (bytes.length < ROOM) return Buffer.from(bytes);
  // The enlarged buffer belongs to the caller.
  room = new Writer(ROOM);
  return bytes;
}

/** The kind of an image by its magic; `undefined` for other files. */
export function detectKind(bytes: Buffer): ImageKind | undefined {
  if (bytes.length < 4) return undefined;
  const first = bytes.readUInt32LE(0);
  if (first !== IMG_COMMON && first !== IMG_SERVICE) return kindOfMagic(first);
  return bytes.length < 8 ? undefined : kindOfMagic(bytes.readUInt32LE(4));
}

export function readImageSync<K extends ImageKind>(path: string, kind: K): ImageItem<ImageMessages[K]>[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(pathArg(path));
  } catch (error) {
    throw ioError('read', path, error);
  }
  return decodeImage(kind, bytes, path);
}

export async function readImage<K extends ImageKind>(
  path: string,
  kind: K,
): Promise<ImageItem<ImageMessages[K]>[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(pathArg(path));
  } catch (error) {
    throw ioError('read', path, error);
  }
  return decodeImage(kind, bytes, path);
}

/** Mode of image files, which contain the memory of programs. */
const PRIVATE = 0o600;

export function writeImageSync<K extends ImageKind>(
  path: string,
  kind: K,
  items: readonly EncodableItem<ImageMessages[K]>[],
): void {
  const bytes = encodeImage(kind, items);
  try {
    writeFileSync(pathArg(path), bytes, { mode: PRIVATE });
  } catch (error) {
    throw ioError('write', path, error);
  }
}

export async function writeImage<K extends ImageKind>(
  path: string,
  kind: K,
  items: readonly EncodableItem<ImageMessages[K]>[],
): Promise<void> {
  const bytes = encodeImage(kind, items);
  try {
    await writeFile(pathArg(path), bytes, { mode: PRIVATE });
  } catch (error) {
    throw ioError('write', path, error);
  }
}

/** The message of a failed system call with its errno: `no such file or directory (ENOENT)`. */
export function systemReason(cause: unknown): string {
  const { code, errno } = cause as NodeJS.ErrnoException;
  if (code === undefined) return String(cause);
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return words === undefined ? code : `${words} (${code})`;
}

export function ioError(what: 'read' | 'write' | 'open', path: string, cause: unknown): ImageError {
  return new ImageError('io', `can not ${what}: ${systemReason(cause)}`, path, 0, { cause });
}
