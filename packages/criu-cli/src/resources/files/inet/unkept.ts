// State of TCP sockets that cannot be read: keys for signing segments, and protocols above TCP in the kernel. Sockets
// with it are refused.
import { SysError, sysRaw } from '@criu/native';
import {
  getInetSocket,
  type InetEnds,
  type InetSocket,
  listInetSockets,
  type NetlinkSocket,
} from '@criu/native/netlink';
import {
  INET_DIAG_INFO,
  INET_DIAG_MD5SIG,
  IPPROTO_TCP,
  NETLINK_SOCK_DIAG,
  SOL_TCP,
  TCP_AO_INFO,
  TCP_REPAIR,
  TCP_ULP,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import type { Namespace } from '../../../views/namespaces.js';
import { netlinkIn } from '../../../views/networks.js';
import type { OpenFile } from '../open-file.js';

interface Lists {
  readonly socket: NetlinkSocket;
  /** All TCP sockets of a family by inode, once one had to be searched. */
  readonly all: Map<number, Map<number, InetSocket>>;
}

/** By network namespace. */
const lists = stateKey('TCP sockets of the kernel', (_: DumpContext) => new Map<Namespace, Lists>());

function listsOf(ctx: DumpContext, network: Namespace): Lists {
  const known = ctx.states.get(lists);
  const found = known.get(network);
  if (found) return found;
  const made: Lists = { socket: netlinkIn(ctx, NETLINK_SOCK_DIAG, network), all: new Map() };
  known.set(network, made);
  return made;
}

/** A socket in the kernel's list; undefined for one that is neither bound nor connected. @throws SysError */
function listed(
  ctx: DumpContext,
  network: Namespace,
  family: number,
  ends: InetEnds,
  inode: number,
): InetSocket | undefined {
  const { socket, all } = listsOf(ctx, network);
  try {
    const found = getInetSocket(socket, family, IPPROTO_TCP, ends, INET_DIAG_INFO);
    if (found.inode === inode) return found;
  } catch (error) {
    if (!(error instanceof SysError && error.code === 'ENOENT')) throw error;
  }
  // Several sockets may listen on the same address.
  let known = all.get(family);
  if (!known) {
    known = new Map(
      listInetSockets(socket, family, IPPROTO_TCP, INET_DIAG_INFO).map((one) => [one.inode, one]),
    );
    all.set(family, known);
  }
  return known.get(inode);
}

/** Whether an option has a value. */
function has(fd: number, name: number): boolean {
  const [value, length] = [Buffer.alloc(128), new Uint32Array([128])];
  return sysRaw('getsockopt', fd, SOL_TCP, name, value, length) >= 0 && length[0] !== 0;
}

/** Whether a socket is in the state in which its connection is saved or restored. */
function isRepaired(fd: number): boolean {
  const value = new Int32Array(1);
  return (
    sysRaw('getsockopt', fd, SOL_TCP, TCP_REPAIR, value, new Uint32Array([value.byteLength])) >= 0 &&
    value[0] !== 0
  );
}

/** @throws CriuError UNSUPPORTED for state that would be lost */
export function refuseUnkept(
  ctx: DumpContext,
  file: OpenFile,
  network: Namespace,
  family: number,
  ends: InetEnds,
): void {
  const refuse = (what: string, remedy: string) => {
    throw new CriuError('UNSUPPORTED', `TCP socket: ${what}`, { pid: file.pid, fd: file.fd }, remedy);
  };
  const closed = 'close it before the dump';
  if (has(file.local, TCP_ULP))
    refuse('a protocol above TCP runs in the kernel (TCP_ULP), whose state cannot be read', closed);
  if (isRepaired(file.local))
    refuse('another program saves or restores it (TCP_REPAIR)', 'wait until that has switched it off');
  if (has(file.local, TCP_AO_INFO)) refuse('its segments are signed (TCP-AO)', closed);
  if (listed(ctx, network, family, ends, Number(file.stat.ino))?.attributes.has(INET_DIAG_MD5SIG))
    refuse('its segments are signed (TCP_MD5SIG), with a key that belongs to nobody else', closed);
}
