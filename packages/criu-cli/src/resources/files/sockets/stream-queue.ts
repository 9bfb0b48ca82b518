// The receive queue of a Unix stream: data, and the positions of descriptors, different senders and out-of-band data.
import { sysRaw, tryIoctlInt } from '@criu/native';
import { SIOCATMARK, SO_OOBINLINE, SO_PASSCRED, SO_PEEK_OFF } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { hasUrgent, type Look, type Queued } from './look.js';
import type { Peeked } from './peek.js';

/** Closes descriptors that were received unintentionally. */
function drop(seen: Peeked | undefined): void {
  for (const fd of seen?.fds ?? []) sysRaw('close', fd);
}

/** Peeks at up to `size` bytes from `offset` on. */
function lookAt(look: Look, offset: number, size: number): Peeked | undefined {
  look.set(SO_PEEK_OFF, offset);
  return look.next(size);
}

/** The pieces of the stream, as read(2) with a large buffer would return them. */
function pieces(look: Look, total: number): Queued[] {
  const all: Queued[] = [];
  for (let at = 0; at < total; ) {
    const seen = lookAt(look, at, total - at);
    if (!seen || seen.data.length === 0) break;
    const { data, fds } = seen;
    look.set(SO_PEEK_OFF, at);
    // The kernel merges earlier data with a message that has descriptors, and ends the piece after it.
    const before = fds.length > 0 ? look.beforeLast(data.length) : 0;
    if (before > 0) all.push({ ...seen, data: data.subarray(0, before), fds: [] });
    all.push({ ...seen, data: data.subarray(before) });
    at += data.length;
  }
  return all;
}

/**
 * Index of the piece that starts with the byte sent by MSG_OOB. A piece ends before that byte; other reasons are
 * another sender, which is disregarded here, and descriptors.
 */
function findMark(look: Look, all: readonly Queued[]): number | undefined {
  if (tryIoctlInt(look.fd, SIOCATMARK)) return 0;
  look.set(SO_PASSCRED, 0);
  const behindRights: number[] = [];
  let offset = 0;
  for (let i = 1; i < all.length; i++) {
    const before = all[i - 1];
    if (!before) break;
    offset += before.data.length;
    if (before.fds.length > 0) {
      behindRights.push(i);
      continue;
    }
    const seen = lookAt(look, offset - 1, 2);
    drop(seen);
    if (seen?.data.length === 1) return i;
  }
  return behindRights.length === 1 ? behindRights[0] : undefined;
}

/**
 * The whole queue of a stream. It does not look beyond `total`, since that would consume a pending error.
 * @param total number of bytes as the kernel reports it
 * @throws SysError, CriuError
 */
export function streamQueue(look: Look, total: number): Queued[] {
  const urgent = hasUrgent(look.fd);
  // With SO_OOBINLINE the byte is part of the stream, and a piece ends before it.
  if (urgent) look.set(SO_OOBINLINE, 1);
  const all = pieces(look, total);
  if (!urgent) return all;
  const mark = findMark(look, all);
  const marked = mark === undefined ? undefined : all[mark];
  if (mark === undefined || !marked) {
    for (const piece of all) drop(piece);
    throw new CriuError(
      'UNSUPPORTED',
      'it holds out-of-band data (MSG_OOB) among descriptors in flight',
      {},
      'let the program receive them before the dump',
    );
  }
  const { data } = marked;
  const rest = data.length > 1 ? [{ ...marked, data: data.subarray(1), fds: [] }] : [];
  return [
    ...all.slice(0, mark),
    { ...marked, data: data.subarray(0, 1), oob: true },
    ...rest,
    ...all.slice(mark + 1),
  ];
}
