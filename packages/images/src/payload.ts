// The raw bytes behind some entries: their number and their format.
import { Buffer } from 'node:buffer';
import { IpcMsgCodec } from './codec.generated.js';
import { decodeWith, type Encodable, encodeWith } from './codec-with.js';
import { ImageError } from './errors.js';
import type { PayloadRule } from './kinds.js';
import type {
  BpfmapDataEntry,
  GhostChunkEntry,
  GhostFileEntry,
  IpcMsg,
  IpcMsgEntry,
  IpcSemEntry,
  IpcShmEntry,
  PipeDataEntry,
  SkPacketEntry,
  TcpStreamEntry,
} from './types.generated.js';

/**
 * The payload behind an entry:
 * - `none`
 * - `bytes`: `size` bytes of payload, then `pad` zero bytes that do not belong to it
 * - `messages`: `count` messages of a System V queue, each with a size, a header and padded data
 * - `rest`: the rest of the file
 */
export type PayloadPlan =
  | { readonly is: 'none' }
  | { readonly is: 'bytes'; readonly size: number; readonly pad: number }
  | { readonly is: 'messages'; readonly count: number }
  | { readonly is: 'rest' };

const NONE: PayloadPlan = { is: 'none' };

/** The payload of an entry; `undefined` if its size is impossible for a file. */
export function planPayload(rule: PayloadRule, entry: object, first: boolean): PayloadPlan | undefined {
  switch (rule) {
    case 'pipe':
      return bytes((entry as PipeDataEntry).bytes);
    case 'packet':
      return bytes((entry as SkPacketEntry).length);
    case 'tcp': {
      const stream = entry as TcpStreamEntry;
      return bytes(stream.inq_len + stream.outq_len);
    }
    case 'bpf': {
      const map = entry as BpfmapDataEntry;
      return bytes(map.keys_bytes + map.values_bytes);
    }
    case 'sem':
      return bytes((entry as IpcSemEntry).nsems * 2, 8);
    case 'shm': {
      const segment = entry as IpcShmEntry;
      if (segment.in_pagemaps) return bytes(0);
      return segment.size > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : bytes(Number(segment.size), 4);
    }
    case 'messages':
      return { is: 'messages', count: (entry as IpcMsgEntry).qnum };
    case 'ghost': {
      if (first) return (entry as GhostFileEntry).chunks ? NONE : { is: 'rest' };
      const length = (entry as GhostChunkEntry).len;
      return length > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : bytes(Number(length));
    }
  }
}

function bytes(size: number, align = 1): PayloadPlan {
  return { is: 'bytes', size, pad: (align - (size % align)) % align };
}

export interface IpcQueueMessage {
  readonly header: IpcMsg;
  readonly data: Buffer;
}

/** Splits the payload of an IPCNS_MSG entry into its messages. @throws ImageError */
export function decodeIpcMessages(payload: Buffer, count: number, file = '', base = 0): IpcQueueMessage[] {
  const out: IpcQueueMessage[] = [];
  let pos = 0;
  const take = (size: number, what: string): Buffer => {
    if (pos + size > payload.length)
      throw new ImageError('truncated', `the ${what} ends beyond the queue`, file, base + pos);
    const piece = payload.subarray(pos, pos + size);
    pos += size;
    return piece;
  };
  for (let index = 0; index < count; index++) {
    const size = take(4, 'size of a message').readInt32LE();
    if (size < 0) throw new ImageError('bad-size', `a message header of ${size} bytes`, file, base + pos - 4);
    const at = base + pos;
    const header = decodeWith(IpcMsgCodec, take(size, 'header of a message'), file, at);
    const data = take(header.msize, 'data of a message');
    take(-header.msize & 7, 'padding of a message');
    out.push({ header, data });
  }
  if (pos < payload.length)
    throw new ImageError('bad-size', 'bytes are left behind the last message', file, base + pos);
  return out;
}

/** Encodes the payload of an IPCNS_MSG entry. */
export function encodeIpcMessages(
  messages: readonly { header: Encodable<IpcMsg>; data: Uint8Array }[],
): Buffer {
  const pieces: Uint8Array[] = [];
  for (const { header, data } of messages) {
    if (header.msize !== data.length) {
      throw new ImageError(
        'bad-value',
        `ipc_msg.msize is ${header.msize}, but the data has ${data.length} bytes`,
      );
    }
    const encoded = encodeWith(IpcMsgCodec, header);
    const size = Buffer.alloc(4);
    size.writeInt32LE(encoded.length);
    pieces.push(size, encoded, data, Buffer.alloc(-data.length & 7));
  }
  return Buffer.concat(pieces);
}

/** The two queues in the payload of a TCP_STREAM entry. */
export function splitTcpQueues(entry: TcpStreamEntry, payload: Buffer): { inq: Buffer; outq: Buffer } {
  return {
    inq: payload.subarray(0, entry.inq_len),
    outq: payload.subarray(entry.inq_len, entry.inq_len + entry.outq_len),
  };
}

/** The values in the payload of an IPCNS_SEM entry. */
export function semaphoreValues(payload: Buffer): number[] {
  return Array.from({ length: payload.length >> 1 }, (_, index) => payload.readUInt16LE(index * 2));
}
