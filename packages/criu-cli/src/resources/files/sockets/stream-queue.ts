// What a stream of unix(7) has received: where in it descriptors, other senders and out-of-band data stand.
import { sysRaw, tryIoctlInt } from '@criu/native';
import { SIOCATMARK } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { hasUrgent, type Look, type Queued } from './look.js';
import { SO } from './options.js';
import type { Peeked } from './peek.js';

/** Closes what a look was not made for. */
function drop(seen: Peeked | undefined): void {
  for (const fd of seen?.fds ?? []) sysRaw('close', fd);
}

/** A look at up to `size` bytes from `offset` on. */
function lookAt(look: Look, offset: number, size: number): Peeked | undefined {
  look.set(SO.PEEK_OFF, offset);
  return look.next(size);
}

/** Pieces of the stream, cut where a read(2) by somebody with room for all would stop. */
function pieces(look: Look, total: number): Queued[] {
  const all: Queued[] = [];
  for (let at = 0; at < total; ) {
    const seen = lookAt(look, at, total - at);
    if (!seen || seen.data.length === 0) break;
    const { data, fds } = seen;
    look.set(SO.PEEK_OFF, at);
    // The kernel glues what was sent before in front of a message with descriptors, and ends the piece behind it.
    const before = fds.length > 0 ? look.beforeLast(data.length) : 0;
    if (before > 0) all.push({ ...seen, data: data.subarray(0, before), fds: [] });
    all.push({ ...seen, data: data.subarray(before) });
    at += data.length;
  }
  return all;
}

/**
 * Index of the piece that begins with the byte sent by MSG_OOB: no piece goes across it. Other reasons to end a piece
 * are another sender, who is not looked at here, and descriptors.
 */
function findMark(look: Look, all: readonly Queued[]): number | undefined {
  if (tryIoctlInt(look.fd, SIOCATMARK)) return 0;
  look.set(SO.PASSCRED, 0);
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
 * The whole queue of a stream, `total` bytes as the kernel says. It looks no further: there an error that waits for the
 * program would be taken.
 * @throws SysError, CriuError
 */
export function streamQueue(look: Look, total: number): Queued[] {
  const urgent = hasUrgent(look.fd);
  // Then the byte is one of the stream, which ends a piece before it.
  if (urgent) look.set(SO.OOBINLINE, 1);
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
