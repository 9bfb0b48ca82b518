// The network namespaces of a dump: netlink sockets in them, and the namespace that a socket of a task belongs to.

import { spawnSync } from 'node:child_process';
import { close, sys, sysRaw } from '@criu/native';
import { closeSync, fstatSync, openSync } from '@criu/native/fs';
import { NetlinkSocket } from '@criu/native/netlink';
import { F_DUPFD_CLOEXEC, SIOCGSKNS } from '@criu/native/uapi';
import type { DumpContext } from '../engine/dump-context.js';
import type { LiveTask } from '../engine/dump-task.js';
import { CriuError } from '../errors.js';
import { type ProcText, readNsLink, readTextIfAny } from '../proc/index.js';
import { stateKey } from '../states.js';
import { type Namespace, namespaceOf, namespacesOf } from './namespaces.js';

/** A network namespace in which the tasks have objects. */
interface Place {
  /** A path of its nsfs file; undefined for the namespace of this process. */
  readonly path: string | undefined;
}

/** By inode, in the order of discovery: first namespaces of tasks, then those that only descriptors refer to. */
const places = stateKey('network namespaces', (ctx: DumpContext): Map<bigint | undefined, Place> => {
  const own = namespacesOf(ctx).own.net?.inode;
  const found = new Map<bigint | undefined, Place>();
  for (const { pid } of ctx.live) {
    const inode = readNsLink(pid, 'net')?.inode;
    if (!found.has(inode)) found.set(inode, { path: inode === own ? undefined : `/proc/${pid}/ns/net` });
  }
  return found;
});

/** A path under which other programs can open a network namespace. @throws CriuError */
export function networkPath({ members: [member], holder }: Namespace): string {
  if (member) return `/proc/${member.pid}/ns/net`;
  if (holder !== undefined) return `/proc/${process.pid}/fd/${holder}`;
  throw new CriuError('INTERNAL', 'nothing leads to the network namespace');
}

function openIn(protocol: number, path: string | undefined): NetlinkSocket {
  if (path === undefined) return NetlinkSocket.open(protocol);
  const netns = openSync(path, 'r');
  try {
    return NetlinkSocket.open(protocol, netns);
  } finally {
    closeSync(netns);
  }
}

/** By namespace and protocol. */
const sockets = stateKey(
  'netlink sockets',
  (_: DumpContext) => new Map<Namespace, Map<number, NetlinkSocket>>(),
);

/**
 * The dump's netlink socket of a protocol in a network namespace. It is opened at the first call, since a process has to
 * be made for that, and closed with the dump.
 * @throws SysError, CriuError
 */
export function netlinkIn(ctx: DumpContext, protocol: number, namespace: Namespace): NetlinkSocket {
  const all = ctx.states.get(sockets);
  const ofNamespace = all.get(namespace) ?? new Map<number, NetlinkSocket>();
  all.set(namespace, ofNamespace);
  const known = ofNamespace.get(protocol);
  if (known) return known;
  const socket = openIn(protocol, namespace.host ? undefined : networkPath(namespace));
  ofNamespace.set(protocol, socket);
  ctx.onClose(() => socket.close());
  return socket;
}

/**
 * Keeps a network namespace alive with a copy of the descriptor, if no task is known to be in it.
 * @param fd descriptor of the namespace's nsfs file; it is duplicated
 * @throws SysError
 */
export function holdNetwork(ctx: DumpContext, fd: number): Namespace {
  const { ino } = fstatSync(fd, { bigint: true });
  const namespace = namespacesOf(ctx).instance('net', ino);
  if (namespace.host || namespace.members.length > 0 || namespace.holder !== undefined) return namespace;
  const holder = sys('fcntl', fd, F_DUPFD_CLOEXEC, 0);
  namespace.holder = holder;
  ctx.onClose(() => close(holder));
  const known = ctx.states.get(places);
  if (!known.has(ino)) known.set(ino, { path: networkPath(namespace) });
  return namespace;
}

/** Network namespaces by the cookie that the kernel has for each (SO_NETNS_COOKIE). */
const byCookie = stateKey('network namespaces of sockets', (_: DumpContext) => new Map<bigint, Namespace>());

/**
 * The network namespace in which a socket, or a file of tun(4), was created.
 * @param local descriptor of the socket or file in this process
 * @param cookie SO_NETNS_COOKIE of a socket, 0 if unknown
 * @throws SysError, CriuError
 */
export function networkOf(ctx: DumpContext, task: LiveTask, local: number, cookie = 0n): Namespace {
  const known = ctx.states.get(byCookie);
  let found = cookie ? known.get(cookie) : undefined;
  if (!found) {
    found = lookUp(ctx, task, local);
    if (cookie) known.set(cookie, found);
  }
  return found;
}

function lookUp(ctx: DumpContext, task: LiveTask, local: number): Namespace {
  const fd = sysRaw('ioctl', local, SIOCGSKNS);
  // SIOCGSKNS exists since Linux 4.9. Without it, the socket is assumed to be in the namespace of its task.
  if (fd < 0) return namespaceOf(ctx, task, 'net');
  try {
    const found = holdNetwork(ctx, fd);
    const known = ctx.states.get(places);
    if (found.host && !known.has(found.inode)) known.set(found.inode, { path: undefined });
    return found;
  } finally {
    close(fd);
  }
}

/**
 * Text of a file of /proc/net in a network namespace; empty if the kernel does not have that file.
 * @throws ProcError, CriuError
 */
export function networkText(namespace: Namespace, name: string): ProcText {
  const { host, members } = namespace;
  const pid = members[0]?.pid ?? (host ? process.pid : undefined);
  if (pid !== undefined) return readTextIfAny(pid, `net/${name}`) ?? '';
  // The directory /proc/thread-self/net shows the namespace of the reading thread, so a process in that namespace has
  // to read it.
  const file = `/proc/thread-self/net/${name}`;
  const { status, stdout, stderr, error } = spawnSync(
    'nsenter',
    [`--net=${networkPath(namespace)}`, '--', 'cat', file],
    { env: { ...process.env, LC_ALL: 'C' } },
  );
  const missing = stderr?.toString('latin1').includes(`${file}: No such file`);
  if (error || (status !== 0 && !missing))
    throw new CriuError(
      'SYSCALL',
      `cannot look into a network namespace that no task is in: ${error?.message ?? stderr?.toString('latin1').trim()}`,
      {},
      'install util-linux',
      error,
    );
  return stdout.toString('latin1');
}

/**
 * Reads a list in each network namespace in which the tasks are known to have objects.
 * @param seen inodes of namespaces that were read already; the ones read now are added
 * @throws SysError
 */
export function listEverywhere<T>(
  ctx: DumpContext,
  protocol: number,
  read: (socket: NetlinkSocket) => readonly T[],
  seen = new Set<bigint | undefined>(),
): T[] {
  const all: T[] = [];
  for (const [inode, { path }] of ctx.states.get(places)) {
    if (seen.has(inode)) continue;
    seen.add(inode);
    const socket = openIn(protocol, path);
    // Closing the socket starts threads, and stopped tasks should not wait for that.
    ctx.onClose(() => socket.close());
    all.push(...read(socket));
  }
  return all;
}
