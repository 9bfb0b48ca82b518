// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newTimeval(): T.Timeval {
  return { tv_sec: undefined as never, tv_usec: undefined as never };
}
export function readTimeval(r: Reader, m: T.Timeval): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.tv_sec = r.u64();
        break;
      case 16:
        m.tv_usec = r.u64();
        break;
      default:
        r.unknown(tag, m);
    }
  }
  if (m.tv_sec === undefined) r.missing('timeval.tv_sec');
  if (m.tv_usec === undefined) r.missing('timeval.tv_usec');
}
export function writeTimeval(w: Writer, m: Encodable<T.Timeval>): void {
  w.u64(8, m.tv_sec, 'timeval.tv_sec');
  w.u64(16, m.tv_usec, 'timeval.tv_usec');
  w.unknown(m);
}
export const TimevalCodec: Codec<T.Timeval> = { create: newTimeval, read: readTimeval, write: writeTimeval };
