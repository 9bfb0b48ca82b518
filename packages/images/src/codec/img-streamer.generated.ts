// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newImgStreamerRequestEntry(): T.ImgStreamerRequestEntry {
  return { filename: undefined as never };
}
export function readImgStreamerRequestEntry(r: Reader, m: T.ImgStreamerRequestEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.filename = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.filename === undefined) r.missing('img_streamer_request_entry.filename');
}
export function writeImgStreamerRequestEntry(w: Writer, m: Encodable<T.ImgStreamerRequestEntry>): void {
  w.str(10, m.filename, 'img_streamer_request_entry.filename');
  w.unknown(m);
}
export const ImgStreamerRequestEntryCodec: Codec<T.ImgStreamerRequestEntry> = { create: newImgStreamerRequestEntry, read: readImgStreamerRequestEntry, write: writeImgStreamerRequestEntry };

export function newImgStreamerReplyEntry(): T.ImgStreamerReplyEntry {
  return { exists: undefined as never };
}
export function readImgStreamerReplyEntry(r: Reader, m: T.ImgStreamerReplyEntry): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.exists = r.bool();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.exists === undefined) r.missing('img_streamer_reply_entry.exists');
}
export function writeImgStreamerReplyEntry(w: Writer, m: Encodable<T.ImgStreamerReplyEntry>): void {
  w.bool(8, m.exists, 'img_streamer_reply_entry.exists');
  w.unknown(m);
}
export const ImgStreamerReplyEntryCodec: Codec<T.ImgStreamerReplyEntry> = { create: newImgStreamerReplyEntry, read: readImgStreamerReplyEntry, write: writeImgStreamerReplyEntry };
