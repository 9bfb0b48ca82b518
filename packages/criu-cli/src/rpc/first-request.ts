// A look at the first request of a connection by its outermost fields alone: what answers it may be much less than what does the
// work of others. The form is that of protocol buffers (criu_req and criu_resp in rpc.proto).

/** Values of criu_req_type. */
export const FIRST = { dump: 1, restore: 2, preDump: 4, version: 10 } as const;
/** Fields of criu_req. */
const [TYPE, KEEP_OPEN] = [1, 4];
/** Forms of a field's value: a number in groups of seven bits, or bytes after their length. */
const [VARINT, BYTES] = [0, 2];

export interface FirstRequest {
  readonly type: number;
  readonly keepOpen: boolean;
}

/** A number in groups of seven bits, the lowest first, and where it ends; undefined if it has no end or is large. */
function varint(bytes: Uint8Array, from: number): readonly [value: number, end: number] | undefined {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return [value, from + i + 1];
  }
  return undefined;
}

/** What a request says of itself; undefined if any of it has another form than a plain request has. */
export function glance(request: Uint8Array): FirstRequest | undefined {
  const values = new Map<number, number>();
  for (let at = 0; at < request.length; ) {
    const tag = varint(request, at);
    const value = tag && varint(request, tag[1]);
    if (!tag || !value) return undefined;
    const [field, form] = [tag[0] >> 3, tag[0] & 7];
    if (form !== VARINT && form !== BYTES) return undefined;
    if (form === VARINT) values.set(field, value[0]);
    at = form === BYTES ? value[1] + value[0] : value[1];
    if (at > request.length) return undefined;
  }
  const type = values.get(TYPE);
  return type === undefined ? undefined : { type, keepOpen: values.get(KEEP_OPEN) === 1 };
}

/** The answer to VERSION: its type, success, and the two numbers (below 128) in a message of their own. */
export function versionAnswer(version: string): Buffer {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const numbers = [0x08, major, 0x10, minor];
  return Buffer.from([0x08, FIRST.version, 0x10, 1, 0x52, numbers.length, ...numbers]);
}
