// Generated from proto/*.proto by tools/generate.mjs. Do not edit.
import type { Codec, Encodable } from '../codec-with.js';
import type { Reader } from '../reader.js';
import type * as T from '../types.generated.js';
import type { Writer } from '../writer.js';

export function newCRIUOpts(): T.CRIUOpts {
  return {};
}
export function readCRIUOpts(r: Reader, m: T.CRIUOpts): void {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.hex = r.bool();
        break;
      case 16:
        m.ipadd = r.bool();
        break;
      case 26:
        m.flags = r.str();
        break;
      case 32:
        m.dev = r.bool();
        break;
      case 40:
        m.odev = r.bool();
        break;
      case 50:
        m.dict = r.str();
        break;
      case 58:
        m.conv = r.str();
        break;
      default:
        r.unknown(tag, m);
    }
  }
}
export function writeCRIUOpts(w: Writer, m: Encodable<T.CRIUOpts>): void {
  if (m.hex != null) w.bool(8, m.hex, 'CRIU_Opts.hex');
  if (m.ipadd != null) w.bool(16, m.ipadd, 'CRIU_Opts.ipadd');
  if (m.flags != null) w.str(26, m.flags, 'CRIU_Opts.flags');
  if (m.dev != null) w.bool(32, m.dev, 'CRIU_Opts.dev');
  if (m.odev != null) w.bool(40, m.odev, 'CRIU_Opts.odev');
  if (m.dict != null) w.str(50, m.dict, 'CRIU_Opts.dict');
  if (m.conv != null) w.str(58, m.conv, 'CRIU_Opts.conv');
  w.unknown(m);
}
export const CRIUOptsCodec: Codec<T.CRIUOpts> = { create: newCRIUOpts, read: readCRIUOpts, write: writeCRIUOpts };
