// Dumps TCP connections (--tcp-established): packets are blocked by a filter, the state is read in repair mode, and the
// socket is closed without sending a packet.
import { Program } from '@criu/compel';
import type { Encodable, InetSkEntry } from '@criu/images';
import { close, sys } from '@criu/native';
import {
  AF_NETLINK,
  F_DUPFD_CLOEXEC,
  NETLINK_NETFILTER,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
  SOL_TCP,
  TCP_REPAIR,
} from '@criu/native/uapi';
import { type Facts, inspect, type Paused, pause, resume, SoccrError, saveTcp } from '@criu/soccr';
import { toImages } from '@criu/soccr/image';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import type { Namespace } from '../../../views/namespaces.js';
import { networkOf } from '../../../views/networks.js';
import type { OpenFile } from '../open-file.js';
import { option } from '../sockets/options.js';
import { DumpLock, LockMethod } from './lock.js';
import { lockNetwork } from './network-lock.js';

/** A socket in repair mode, by our copy of its descriptor, with the state needed to resume it. */
interface PausedSocket {
  readonly fd: number;
  readonly paused: Paused;
}

/**
 * All connections of a dump. They stay locked and in repair mode when their tasks are killed or left stopped: closing
 * the sockets then sends nothing to the peers, and a restore continues the connections.
 */
class HeldConnections {
  private readonly sockets: PausedSocket[] = [];
  readonly lock: DumpLock;
  /** Slots of programs that the tracer keeps in case this process is killed. */
  private readonly kept: number[] = [];
  private keptUnlock: number | undefined;

  constructor(private readonly ctx: DumpContext) {
    this.lock = new DumpLock(ctx.runId, ctx.options.networkLock);
    ctx.onFailure(() => this.goOn());
    ctx.onGoOn(() => this.goOn());
    // From now on, connections are left to the restore if a process dies.
    ctx.onStay(() => {
      for (const slot of this.kept) ctx.tracer.dropKept(slot);
    });
    if (ctx.options.leaveStopped)
      ctx.log.warn(
        'TCP connections of the tasks stay locked and paused, to be restored: a task that is continued instead finds ' +
          'them failing (--leave-running lets them go on)',
      );
  }

  /** Blocks the packets of a connection, and turns repair mode on. @throws SoccrError, CriuError */
  hold(local: number, facts: Facts, network: Namespace): PausedSocket {
    const fd = sys('fcntl', local, F_DUPFD_CLOEXEC, 0);
    this.ctx.onClose(() => close(fd));
    // Kept before anything is changed, so that it is undone whenever we are killed.
    this.keepResume(fd);
    // A closed connection has no packets to be blocked.
    if (!network.host) {
      // The whole network namespace is locked.
      lockNetwork(this.ctx, network);
    } else if (facts.state === 'close') {
      if (!this.lock.holds) this.ctx.networkLock = LockMethod.SKIP;
    } else {
      this.keepUnlock();
      this.lock.hold(facts);
      this.ctx.networkLock = this.lock.method;
    }
    const socket = { fd, paused: pause(fd) };
    this.sockets.push(socket);
    return socket;
  }

  /** Kept again for each socket, so that it runs before the programs that resume sockets. */
  private keepUnlock(): void {
    const datagram = this.lock.releaseDatagram;
    if (!datagram) return;
    const p = new Program('unlock connections');
    const netlink = p.syscall('socket', [AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER]);
    p.syscall('sendto', [netlink, p.data(datagram), datagram.length, 0, 0, 0]);
    this.keptUnlock = this.ctx.tracer.keepFirst(p, this.keptUnlock);
    if (!this.kept.includes(this.keptUnlock)) this.kept.push(this.keptUnlock);
  }

  /** Leaving repair mode resets options that were set by the owner of the socket; the program restores these. */
  private keepResume(fd: number): void {
    const p = new Program('connection goes on');
    const socket = p.fd(fd);
    const set = (level: number, name: number, value: number) =>
      p.syscall('setsockopt', [socket, level, name, p.i32(value), 4], { expect: 'any' });
    const own = [SO_REUSEADDR, SO_REUSEPORT].map((name) => [name, option(fd, name)] as const);
    set(SOL_TCP, TCP_REPAIR, 0);
    for (const [name, value] of own) set(SOL_SOCKET, name, value);
    this.kept.push(this.ctx.tracer.keepFirst(p));
  }

  /** For tasks that run on: unlocks packets first, as the peer's next packets must find the sockets in operation. */
  private goOn(): void {
    const errors: unknown[] = [];
    const attempt = (action: () => void) => {
      try {
        action();
      } catch (error) {
        errors.push(error);
      }
    };
    attempt(() => this.lock.release());
    // Runs even if unlocking has failed, as sockets must not stay in repair mode.
    for (const { fd, paused } of this.sockets.splice(0)) attempt(() => resume(fd, paused));
    if (errors.length > 0) throw errors[0];
  }
}

const held = stateKey('TCP connections', (ctx: DumpContext) => new HeldConnections(ctx));

/**
 * Saves a connection in its tcp-stream image. The socket stays in repair mode, so that closing it sends nothing to the
 * peer; it is resumed if the task runs on, or if the dump fails.
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
  const network = networkOf(ctx, task, file.local, file.socket.netns);
  const { fd, paused } = ctx.states.get(held).hold(file.local, facts, network);
  const ids = { id: entry.id, ino: Number(file.stat.ino), ns_id: network.id };
  const { socket, stream } = toImages(saveTcp(fd, paused), ids);
  ctx.images.add('TCP_STREAM', stream.entry, { id: ids.ino, payload: stream.payload });
  return {
    ...socket,
    flags: entry.flags,
    fown: entry.fown,
    opts: { ...entry.opts, reuseaddr: paused.reuseAddress, so_reuseport: paused.reusePort },
    ...(entry.ip_opts ? { ip_opts: entry.ip_opts } : {}),
    ...(entry.tcp_opts ? { tcp_opts: entry.tcp_opts } : {}),
  };
}
