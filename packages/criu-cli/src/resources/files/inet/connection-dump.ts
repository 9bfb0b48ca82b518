// A TCP connection in a dump (--tcp-established): held by a packet filter, read in repair mode, gone without a packet.
import { Program } from '@criu/compel';
import type { Encodable, InetSkEntry } from '@criu/images';
import { close, sys } from '@criu/native';
import { F_DUPFD_CLOEXEC, NETLINK_NETFILTER, SOCK_CLOEXEC, SOL_SOCKET } from '@criu/native/uapi';
import { type Facts, inspect, type Paused, pause, resume, SoccrError, saveTcp } from '@criu/soccr';
import { toImages } from '@criu/soccr/image';
import type { DumpContext, LiveTask } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import type { Namespace } from '../../../views/namespaces.js';
import { networkOf } from '../../../views/networks.js';
import type { OpenFile } from '../open-file.js';
import { AF, option, SO, SOCK } from '../sockets/options.js';
import { DumpLock, LockMethod } from './lock.js';
import { lockNetwork } from './network-lock.js';
import { SOL, TCP } from './numbers.js';

/** A socket in repair mode, by a descriptor of ours, and what it needs to go on. */
interface PausedSocket {
  readonly fd: number;
  readonly paused: Paused;
}

/**
 * All connections of a dump. They stay locked and paused when their tasks are ended or stay stopped: then the kernel
 * says nothing to the peers when the sockets are closed, and a restore goes on with them.
 */
class HeldConnections {
  private readonly sockets: PausedSocket[] = [];
  readonly lock: DumpLock;
  /** Programs that the tracer keeps, should this process be killed. */
  private readonly kept: number[] = [];
  private keptUnlock: number | undefined;

  constructor(private readonly ctx: DumpContext) {
    this.lock = new DumpLock(ctx.runId, ctx.options.networkLock);
    ctx.onFailure(() => this.goOn());
    ctx.onGoOn(() => this.goOn());
    // From now on whoever dies leaves connections to the restore.
    ctx.onStay(() => {
      for (const slot of this.kept) ctx.tracer.dropKept(slot);
    });
    if (ctx.options.leaveStopped)
      ctx.log.warn(
        'TCP connections of the tasks stay locked and paused, to be restored: a task that is continued instead finds ' +
          'them failing (--leave-running lets them go on)',
      );
  }

  /** Drops packets of a connection, and turns repair mode on. @throws SoccrError, CriuError */
  hold(local: number, facts: Facts, network: Namespace): PausedSocket {
    const fd = sys('fcntl', local, F_DUPFD_CLOEXEC, 0);
    this.ctx.onClose(() => close(fd));
    // Before anything is changed, so that it is undone whenever we are killed.
    this.keepResume(fd);
    // One that is closed has nobody left to keep quiet.
    if (!network.host) {
      // All that is in its namespace keeps quiet.
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

  /** Kept anew for each socket, so that it runs before they go on. */
  private keepUnlock(): void {
    const datagram = this.lock.releaseDatagram;
    if (!datagram) return;
    const p = new Program('unlock connections');
    const netlink = p.syscall('socket', [AF.NETLINK, SOCK.RAW | SOCK_CLOEXEC, NETLINK_NETFILTER]);
    p.syscall('sendto', [netlink, p.data(datagram), datagram.length, 0, 0, 0]);
    this.keptUnlock = this.ctx.tracer.keepFirst(p, this.keptUnlock);
    if (!this.kept.includes(this.keptUnlock)) this.kept.push(this.keptUnlock);
  }

  /** Leaving repair mode resets the options that belong to the owner. */
  private keepResume(fd: number): void {
    const p = new Program('connection goes on');
    const socket = p.fd(fd);
    const set = (level: number, name: number, value: number) =>
      p.syscall('setsockopt', [socket, level, name, p.i32(value), 4], { expect: 'any' });
    const own = [SO.REUSEADDR, SO.REUSEPORT].map((name) => [name, option(fd, name)] as const);
    set(SOL.TCP, TCP.REPAIR, 0);
    for (const [name, value] of own) set(SOL_SOCKET, name, value);
    this.kept.push(this.ctx.tracer.keepFirst(p));
  }

  /** The tasks run on: packets first, as what the peer sends from now on has to find the sockets listening. */
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
    // Also when unlocking failed: repair mode must not stay behind.
    for (const { fd, paused } of this.sockets.splice(0)) attempt(() => resume(fd, paused));
    if (errors.length > 0) throw errors[0];
  }
}

const held = stateKey('TCP connections', (ctx: DumpContext) => new HeldConnections(ctx));

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
