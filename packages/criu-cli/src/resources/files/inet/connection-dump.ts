// A TCP connection in a dump (--tcp-established): held by a packet filter, read in repair mode, gone without a packet.
import type { Encodable, InetSkEntry } from '@criu/images';
import { close, sys } from '@criu/native';
import { inspect, NftLocker, pause, resume, SoccrError, saveTcp } from '@criu/soccr';
import { toImages } from '@criu/soccr/image';
import type { DumpContext, LiveTask } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { F_DUPFD_CLOEXEC } from '../common.js';
import type { OpenFile } from '../open-file.js';
import { lockTable } from './lock.js';

/**
 * Saves the connection into its tcp-stream image. The socket stays in repair mode, in which closing it says nothing to
 * the peer; where the task runs on, or the dump fails, it goes on.
 * @throws CriuError
 */
export function dumpConnection(
  ctx: DumpContext,
  task: LiveTask,
  file: OpenFile,
  entry: Encodable<InetSkEntry>,
): Encodable<InetSkEntry> {
  try {
    return save(ctx, task, file, entry);
  } catch (error) {
    if (!(error instanceof SoccrError)) throw error;
    throw new CriuError(
      'NOT_DUMPABLE',
      'the TCP connection cannot be saved',
      { pid: file.pid, fd: file.fd },
      undefined,
      error,
    );
  }
}

function save(
  ctx: DumpContext,
  task: LiveTask,
  file: OpenFile,
  entry: Encodable<InetSkEntry>,
): Encodable<InetSkEntry> {
  const facts = inspect(file.local);
  const fd = sys('fcntl', file.local, F_DUPFD_CLOEXEC, 0);
  ctx.onClose(() => close(fd));
  // One that is closed has nobody left to keep quiet.
  const lively = facts.state === 'close' ? [] : [facts];
  const locker = new NftLocker(lockTable(ctx.runId));
  locker.lock(lively);
  let paused: ReturnType<typeof pause> | undefined;
  const goOn = () => {
    // What the peer sends from now on has to find the socket listening.
    locker.unlock(lively);
    locker.tidy();
    if (paused) resume(fd, paused);
  };
  ctx.onFailure(goOn);
  ctx.onGoOn(goOn);
  paused = pause(fd);
  const ids = { id: entry.id, ino: Number(file.stat.ino), ns_id: task.ids.net_ns_id ?? 0 };
  const { socket, stream } = toImages(saveTcp(fd, paused), ids);
  ctx.images.add('TCP_STREAM', stream.entry, { id: ids.ino, payload: stream.payload });
  if (lively.length > 0) ctx.locksNetwork = true;
  return {
    ...socket,
    flags: entry.flags,
    fown: entry.fown,
    opts: { ...entry.opts, reuseaddr: paused.reuseAddress, so_reuseport: paused.reusePort },
    ...(entry.ip_opts ? { ip_opts: entry.ip_opts } : {}),
    ...(entry.tcp_opts ? { tcp_opts: entry.tcp_opts } : {}),
  };
}
