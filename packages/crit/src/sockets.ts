// `crit x sk`: all sockets of a checkpoint with their addresses and queues.
import {
  type FileEntry,
  type ImageSet,
  type InetSkEntry,
  splitTcpQueues,
  type UnixSkEntry,
} from '@criu/images';
import { ipText, socketNames } from './hints.js';
import { quotedPrintable } from './python-text.js';

export interface SocketRow {
  readonly pid: number;
  /** The descriptors of the process that refer to the socket. */
  readonly fds: readonly number[];
  readonly id: number;
  readonly family: string;
  readonly type: string;
  readonly state: string;
  readonly local: string;
  readonly remote: string;
  /** Bytes to read, and bytes not acknowledged yet. */
  readonly received: number;
  readonly unsent: number;
}

/** States without a name in `crit show`. */
const MORE_STATES: Readonly<Record<number, string>> = { 11: 'CLOSING', 12: 'NEW_SYN_RECV' };

function name(what: string, value: number): string {
  return socketNames[what]?.[value] ?? (what === 'state' ? MORE_STATES[value] : undefined) ?? String(value);
}

export function sockets(set: ImageSet): SocketRow[] {
  const queued = new Map<number, number>();
  if (set.has('SK_QUEUES')) {
    for (const entry of set.entries('SK_QUEUES'))
      queued.set(entry.id_for, (queued.get(entry.id_for) ?? 0) + entry.length);
  }
  const unix = new Map<number, UnixSkEntry>();
  for (const file of set.files().values()) if (file.usk !== undefined) unix.set(file.usk.ino, file.usk);

  const rows: SocketRow[] = [];
  for (const { pid } of set.tasks()) {
    const fds = new Map<number, number[]>();
    for (const entry of set.descriptors(pid)) {
      const list = fds.get(entry.id);
      if (list === undefined) fds.set(entry.id, [entry.fd]);
      else list.push(entry.fd);
    }
    for (const [id, numbers] of fds) {
      const file = set.files().get(id);
      const row = file && describe(set, file, unix, queued.get(id) ?? 0);
      if (row !== undefined) rows.push({ pid, fds: numbers, id, ...row });
    }
  }
  return rows;
}

type Description = Omit<SocketRow, 'pid' | 'fds' | 'id'>;

function describe(
  set: ImageSet,
  file: FileEntry,
  unix: ReadonlyMap<number, UnixSkEntry>,
  queued: number,
): Description | undefined {
  if (file.isk !== undefined) return inet(set, file.isk);
  if (file.usk !== undefined) {
    const { type, state, ino, peer, name: path } = file.usk;
    const other = unix.get(peer);
    return {
      family: 'UNIX',
      type: name('type', type),
      state: name('state', state),
      local: unixName(ino, path),
      remote: peer === 0 ? '' : unixName(peer, other?.name ?? new Uint8Array()),
      received: queued,
      unsent: 0,
    };
  }
  if (file.nlsk !== undefined) {
    const { protocol, state, portid } = file.nlsk;
    const local = `protocol ${protocol} port ${portid}`;
    return {
      family: 'NETLINK',
      type: 'DGRAM',
      state: name('state', state),
      local,
      remote: '',
      received: queued,
      unsent: 0,
    };
  }
  if (file.psk !== undefined) {
    const { type, protocol, ifindex } = file.psk;
    const local = `protocol ${protocol} interface ${ifindex}`;
    return {
      family: 'PACKET',
      type: name('type', type),
      state: '',
      local,
      remote: '',
      received: 0,
      unsent: 0,
    };
  }
  return undefined;
}

function inet(set: ImageSet, socket: InetSkEntry): Description {
  const six = name('family', socket.family) === 'INET6';
  const show = (words: readonly number[], port: number): string => {
    const address = ipText(words) ?? '?';
    return `${six ? `[${address}]` : address}:${port}`;
  };
  let received = 0;
  let unsent = 0;
  if (set.has('TCP_STREAM', socket.ino)) {
    for (const { entry, payload } of set.items('TCP_STREAM', socket.ino)) {
      const queues = splitTcpQueues(entry, payload ?? Buffer.alloc(0));
      received += queues.inq.length;
      unsent += queues.outq.length;
    }
  }
  return {
    family: name('family', socket.family),
    type: name('proto', socket.proto) === 'IP' ? name('type', socket.type) : name('proto', socket.proto),
    state: name('state', socket.state),
    local: show(socket.src_addr, socket.src_port),
    remote: socket.dst_port === 0 ? '' : show(socket.dst_addr, socket.dst_port),
    received,
    unsent,
  };
}

function unixName(ino: number, path: Uint8Array): string {
  if (path.length === 0) return `#${ino}`;
  // An abstract name begins with a zero byte, which is shown as @.
  return path[0] === 0 ? `@${quotedPrintable(path.subarray(1))}` : quotedPrintable(path);
}

export function socketsText(rows: readonly SocketRow[]): string {
  const table = [
    ['PID', 'FD', 'FAMILY', 'TYPE', 'STATE', 'RECV', 'SEND', 'LOCAL', 'REMOTE'],
    ...rows.map((row) => [
      String(row.pid),
      row.fds.join(','),
      row.family,
      row.type,
      row.state,
      String(row.received),
      String(row.unsent),
      row.local,
      row.remote,
    ]),
  ];
  const widths = (table[0] ?? []).map((_, column) =>
    table.reduce((widest, line) => Math.max(widest, line[column]?.length ?? 0), 0),
  );
  return table
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
