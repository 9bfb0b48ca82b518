// Sockets and pipes as connections between two ends. A socket that several processes share is one end; two ends in the
// checkpoint make one row.
import type { FileEntry, ImageSet } from '@criu/images';
import type { SocketRow } from '../sockets.js';

export interface ConnectionEnd {
  /** Such as `127.0.0.1:80`, a path, or `write end`. */
  readonly address: string;
  readonly holders: readonly { readonly pid: number; readonly fds: readonly number[] }[];
  /** Bytes that wait to be read at this end. */
  readonly received: number;
  /** Bytes that this end has sent and the other has not acknowledged. */
  readonly unsent: number;
}

export interface Connection {
  /** Such as `TCP`, `Unix stream`, `pipe`. */
  readonly kind: string;
  /** In lower case; empty for a kind without states. */
  readonly state: string;
  readonly from: ConnectionEnd;
  /** Undefined for a socket without a peer; without holders for a peer outside of the checkpoint. */
  readonly to?: ConnectionEnd;
}

/** Descriptors by the id of the file to which they refer. */
export type Holders = ReadonlyMap<
  number,
  readonly { readonly pid: number; readonly fds: readonly number[] }[]
>;

interface Socket {
  readonly row: SocketRow;
  readonly file: FileEntry;
  readonly end: ConnectionEnd;
}

export function connectionsOf(
  files: ReadonlyMap<number, FileEntry>,
  rows: readonly SocketRow[],
  holders: Holders,
  pipeBytes: ReadonlyMap<number, number>,
): Connection[] {
  const all = new Map<number, Socket>();
  for (const row of rows) {
    const file = files.get(row.id);
    if (file === undefined || all.has(row.id)) continue;
    const { received, unsent } = row;
    const address = plain(row.local);
    all.set(row.id, { row, file, end: { address, received, unsent, holders: holders.get(row.id) ?? [] } });
  }
  const found: Connection[] = [];
  const reported = new Set<number>();
  const peerOf = peers([...all.values()]);
  for (const socket of all.values()) {
    const { row, end } = socket;
    if (reported.has(row.id)) continue;
    reported.add(row.id);
    const peer = peerOf(socket);
    const base = { kind: kindOf(row), state: row.state.toLowerCase().replace('_', ' '), from: end };
    if (peer !== undefined && !reported.has(peer.row.id)) {
      reported.add(peer.row.id);
      const state =
        row.state === peer.row.state ? base.state : `${base.state} / ${peer.row.state.toLowerCase()}`;
      found.push({ ...base, state, to: peer.end });
    } else if (row.remote !== '') {
      found.push({ ...base, to: { address: plain(row.remote), holders: [], received: 0, unsent: 0 } });
    } else found.push(base);
  }
  return [...found, ...pipes(files, holders, pipeBytes)];
}

function kindOf({ family, type }: SocketRow): string {
  if (family === 'UNIX') return `Unix ${type.toLowerCase()}`;
  if (family === 'INET' || family === 'INET6')
    return type === 'TCP' || type === 'UDP' ? type : type.toLowerCase();
  return family.toLowerCase();
}

/** Returns a function that finds the other end of a socket if both refer to each other. */
function peers(sockets: readonly Socket[]): (socket: Socket) => Socket | undefined {
  const unix = new Map<number, Socket>();
  const inet = new Map<string, Socket>();
  for (const socket of sockets) {
    const { usk, isk } = socket.file;
    if (usk !== undefined) unix.set(usk.ino, socket);
    if (isk !== undefined && isk.dst_port !== 0)
      inet.set(
        `${socket.row.type} ${isk.ns_id} ${plain(socket.row.local)} ${plain(socket.row.remote)}`,
        socket,
      );
  }
  return (socket) => {
    const { usk, isk } = socket.file;
    if (usk !== undefined) {
      const peer = unix.get(usk.peer);
      return peer !== undefined && peer !== socket && peer.file.usk?.peer === usk.ino ? peer : undefined;
    }
    if (isk === undefined || isk.dst_port === 0) return undefined;
    const { type, local, remote } = socket.row;
    const peer = inet.get(`${type} ${isk.ns_id} ${plain(remote)} ${plain(local)}`);
    return peer === socket ? undefined : peer;
  };
}

/** An IPv4-mapped address of an IPv6 socket (`::ffff:a.b.c.d`) equals the IPv4 address. */
const plain = (address: string): string => address.replace(/^\[::ffff:([\da-f]+):([\da-f]+)\]/i, mapped);

function mapped(_: string, high: string, low: string): string {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

/** Access modes of open(2). */
const O_RDWR = 2;
const O_ACCMODE = 3;

function pipes(
  files: ReadonlyMap<number, FileEntry>,
  holders: Holders,
  pipeBytes: ReadonlyMap<number, number>,
): Connection[] {
  interface Ends {
    write: ConnectionEnd['holders'];
    read: ConnectionEnd['holders'];
    name: string;
  }
  const found = new Map<number, Ends>();
  for (const [id, file] of files) {
    const pipe = file.pipe ?? file.fifo;
    if (pipe === undefined) continue;
    const ends: Ends = found.get(pipe.pipe_id) ?? { write: [], read: [], name: '' };
    found.set(pipe.pipe_id, ends);
    const mine = holders.get(id) ?? [];
    const named = file.fifo && files.get(file.fifo.regf_id ?? id)?.reg;
    const mode = (file.pipe?.flags ?? named?.flags ?? O_RDWR) & O_ACCMODE;
    if (mode !== 0) ends.write = [...ends.write, ...mine];
    if (mode !== 1) ends.read = [...ends.read, ...mine];
    if (named !== undefined) ends.name = named.name;
  }
  return [...found]
    .filter(([, { write, read }]) => write.length + read.length > 0)
    .map(([id, { write, read, name }]) => ({
      kind: name === '' ? 'pipe' : 'fifo',
      state: write.length === 0 ? 'no writer' : read.length === 0 ? 'no reader' : '',
      from: { address: name === '' ? `pipe ${id}` : name, holders: write, received: 0, unsent: 0 },
      to: { address: '', holders: read, received: pipeBytes.get(id) ?? 0, unsent: 0 },
    }));
}

/** Number of bytes in pipes, by pipe id. */
export function bytesInPipes(set: ImageSet): Map<number, number> {
  const bytes = new Map<number, number>();
  for (const kind of ['PIPES_DATA', 'FIFO_DATA'] as const) {
    if (!set.has(kind)) continue;
    for (const { pipe_id, bytes: size } of set.entries(kind))
      bytes.set(pipe_id, (bytes.get(pipe_id) ?? 0) + size);
  }
  return bytes;
}
