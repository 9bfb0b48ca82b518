// The Unix sockets that one task creates together, with indices for lookups: thousands of sockets may have the same
// name.
import { TCP_LISTEN } from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import type { UnixSkEntry } from '../../../images/types.js';
import { nameKey, peerOf, sameName } from './graph.js';

function add<K>(map: Map<K, UnixSkEntry[]> | undefined, key: K, socket: UnixSkEntry): Map<K, UnixSkEntry[]> {
  const lists = map ?? new Map<K, UnixSkEntry[]>();
  const list = lists.get(key);
  if (list) list.push(socket);
  else lists.set(key, [socket]);
  return lists;
}

const NONE: readonly UnixSkEntry[] = [];

/**
 * Lists are in the order of the images. There may be thousands of clusters, most of them pairs without names, so maps
 * are created on demand.
 */
export class Cluster {
  private readonly places = new Map<UnixSkEntry, number>();
  private readonly inodes = new Map<number, UnixSkEntry>();
  private names: Map<string, UnixSkEntry[]> | undefined;
  private listeners: Map<string, UnixSkEntry[]> | undefined;
  private addresses: Map<string, UnixSkEntry[]> | undefined;
  private readonly peers = new Map<UnixSkEntry, UnixSkEntry>();
  private clients: Map<UnixSkEntry, UnixSkEntry[]> | undefined;

  /** @throws CriuError for a socket whose peer the checkpoint does not have */
  constructor(
    ctx: PlanContext,
    readonly sockets: readonly UnixSkEntry[],
  ) {
    for (let place = 0; place < sockets.length; place++) {
      const socket = sockets[place] as UnixSkEntry;
      this.places.set(socket, place);
      if (!this.inodes.has(socket.ino)) this.inodes.set(socket.ino, socket);
      const name = nameKey(socket);
      if (name !== undefined) {
        this.addresses = add(this.addresses, socket.name.toString('latin1'), socket);
        this.names = add(this.names, name, socket);
        if (socket.state === TCP_LISTEN) this.listeners = add(this.listeners, name, socket);
      }
      const peer = peerOf(ctx, socket);
      if (!peer) continue;
      this.peers.set(socket, peer);
      this.clients = add(this.clients, peer, socket);
    }
  }

  /** Position of a socket in the cluster; undefined if it is not part of it. */
  placeOf(socket: UnixSkEntry): number | undefined {
    return this.places.get(socket);
  }

  byInode(ino: number): UnixSkEntry | undefined {
    return this.inodes.get(ino);
  }

  /** The peer of a socket. */
  peerOf(socket: UnixSkEntry): UnixSkEntry | undefined {
    return this.peers.get(socket);
  }

  /** The sockets that are connected to a socket. */
  clientsOf(socket: UnixSkEntry): readonly UnixSkEntry[] {
    return this.clients?.get(socket) ?? NONE;
  }

  /** The sockets with an address, at least one, in any network namespace and on any mount. */
  at(address: Buffer): readonly UnixSkEntry[] {
    return this.addresses?.get(address.toString('latin1')) ?? NONE;
  }

  /** Whether another socket has the same name. */
  hasNamesake(socket: UnixSkEntry): boolean {
    const others = this.names?.get(nameKey(socket) ?? '') ?? NONE;
    return others.some((other) => other !== socket && sameName(other, socket));
  }

  /** Listening sockets with the same name. */
  listenersOf(socket: UnixSkEntry): readonly UnixSkEntry[] {
    const all = this.listeners?.get(nameKey(socket) ?? '') ?? NONE;
    return all.filter((other) => sameName(other, socket));
  }
}
