// Locks as elements of two nftables sets, which are created and changed over netlink, without an external program.
import { SysError } from '@criu/native';
import {
  type Attribute,
  be32,
  deleteTable,
  equals,
  getGeneration,
  listElements,
  lookup,
  type Message,
  meta,
  NetlinkSocket,
  newChain,
  newRule,
  newTable,
  nftChange,
  nftDatagram,
  nftMessage,
  payload,
  setElements,
  text,
  u32,
  verdict,
} from '@criu/native/netlink';
import {
  IPPROTO_TCP,
  ip6_hdr,
  iphdr,
  NETLINK_NETFILTER,
  NF_ACCEPT,
  NF_DROP,
  NF_INET_LOCAL_IN,
  NF_INET_LOCAL_OUT,
  NFPROTO_INET,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  NFT_META_L4PROTO,
  NFT_META_MARK,
  NFT_META_NFPROTO,
  NFT_MSG_DELRULE,
  NFT_MSG_DELSETELEM,
  NFT_MSG_NEWSET,
  NFT_MSG_NEWSETELEM,
  NFT_PAYLOAD_NETWORK_HEADER,
  NFT_PAYLOAD_TRANSPORT_HEADER,
  NFT_REG32_00,
  NFTA_RULE_CHAIN,
  NFTA_RULE_TABLE,
  NFTA_SET_FLAGS,
  NFTA_SET_ID,
  NFTA_SET_KEY_LEN,
  NFTA_SET_KEY_TYPE,
  NFTA_SET_NAME,
  NFTA_SET_TABLE,
  NLM_F_CREATE,
} from '@criu/native/uapi';
import { addressText, wireBytes } from './address.js';
import { SoccrError } from './errors.js';
import { SOCCR_MARK } from './inject.js';
import { type Connection, DEFAULT_TABLE, type Locker } from './lock.js';

const FAMILY = NFPROTO_INET;
const HOOKS = { input: NF_INET_LOCAL_IN, output: NF_INET_LOCAL_OUT } as const;
// Before connection tracking and all other hooks that could answer or count a packet.
const PRIORITY = -400;
const ELEMENTS_PER_MESSAGE = 500;

interface SetShape {
  name: string;
  nfproto: number;
  /** Offsets of source and destination in the IP header, and length of an address, in bytes. */
  source: number;
  target: number;
  length: number;
  /** Type numbers of nft(8), so that it can print the elements. */
  type: number;
}
const sets: Record<4 | 6, SetShape> = {
  4: {
    name: 'conns4',
    nfproto: NFPROTO_IPV4,
    source: iphdr.saddr,
    target: iphdr.daddr,
    length: 4,
    type: 0x1cd1cd,
  },
  6: {
    name: 'conns6',
    nfproto: NFPROTO_IPV6,
    source: ip6_hdr.ip6_src,
    target: ip6_hdr.ip6_dst,
    length: 16,
    type: 0x20d20d,
  },
};

/** The key of a connection: peer address, peer port, own address, own port, each padded to four bytes. */
function key(connection: Connection): { set: SetShape; bytes: Uint8Array } {
  const peer = wireBytes(connection.remote, connection.family);
  const own = wireBytes(connection.local, connection.family);
  const bytes = Buffer.alloc(2 * (peer.length + 4));
  bytes.set(peer, 0);
  bytes.writeUInt16BE(connection.remote.port, peer.length);
  bytes.set(own, peer.length + 4);
  bytes.writeUInt16BE(connection.local.port, 2 * peer.length + 4);
  return { set: sets[peer.length === 4 ? 4 : 6], bytes };
}

function parseKey(bytes: Buffer): Connection {
  const length = bytes.length / 2 - 4;
  const end = (at: number) => ({
    address: addressText(bytes.subarray(at, at + length)),
    port: bytes.readUInt16BE(at + length),
  });
  return { family: length === 4 ? 4 : 6, remote: end(0), local: end(length + 4) };
}

function rules(table: string, chain: keyof typeof HOOKS): Message[] {
  const rule = (expressions: readonly Attribute[]) => newRule(FAMILY, table, chain, expressions);
  return [
    // The chain is emptied first, so that two processes that set up at the same time do not duplicate the rules.
    nftMessage(NFT_MSG_DELRULE, 0, FAMILY, [
      [NFTA_RULE_TABLE, text(table)],
      [NFTA_RULE_CHAIN, text(chain)],
    ]),
    // A mark has the byte order of the machine.
    rule([meta(NFT_META_MARK), equals(u32(SOCCR_MARK)), verdict(NF_ACCEPT)]),
    ...Object.values(sets).map((set) => {
      // The key begins with the peer: the source of incoming and the destination of outgoing packets.
      const [peer, own] = chain === 'input' ? [set.source, set.target] : [set.target, set.source];
      const [peerPort, ownPort] = chain === 'input' ? [0, 2] : [2, 0];
      const words = set.length / 4;
      const first = NFT_REG32_00;
      return rule([
        meta(NFT_META_NFPROTO),
        equals(Uint8Array.of(set.nfproto)),
        meta(NFT_META_L4PROTO),
        equals(Uint8Array.of(IPPROTO_TCP)),
        payload(first, NFT_PAYLOAD_NETWORK_HEADER, peer, set.length),
        payload(first + words, NFT_PAYLOAD_TRANSPORT_HEADER, peerPort, 2),
        payload(first + words + 1, NFT_PAYLOAD_NETWORK_HEADER, own, set.length),
        payload(first + 2 * words + 1, NFT_PAYLOAD_TRANSPORT_HEADER, ownPort, 2),
        lookup(set.name),
        verdict(NF_DROP),
      ]);
    }),
  ];
}

function setUp(table: string): Message[] {
  return [
    newTable(FAMILY, table),
    ...Object.values(sets).map((set, i) =>
      nftMessage(NFT_MSG_NEWSET, NLM_F_CREATE, FAMILY, [
        [NFTA_SET_TABLE, text(table)],
        [NFTA_SET_NAME, text(set.name)],
        [NFTA_SET_FLAGS, be32(0)],
        [NFTA_SET_KEY_TYPE, be32(set.type)],
        [NFTA_SET_KEY_LEN, be32(2 * (set.length + 4))],
        [NFTA_SET_ID, be32(i + 1)],
      ]),
    ),
    ...(Object.keys(HOOKS) as (keyof typeof HOOKS)[]).flatMap((chain) => [
      newChain(FAMILY, table, chain, {
        hook: HOOKS[chain],
        priority: PRIORITY,
        policy: NF_ACCEPT,
      }),
      ...rules(table, chain),
    ]),
  ];
}

function elements(table: string, type: number, flags: number, connections: readonly Connection[]): Message[] {
  const bySet = new Map<SetShape, Uint8Array[]>();
  for (const connection of connections) {
    const { set, bytes } = key(connection);
    const list = bySet.get(set);
    if (list) list.push(bytes);
    else bySet.set(set, [bytes]);
  }
  const messages: Message[] = [];
  for (const [set, keys] of bySet)
    for (let at = 0; at < keys.length; at += ELEMENTS_PER_MESSAGE) {
      const some = keys.slice(at, at + ELEMENTS_PER_MESSAGE);
      messages.push(setElements(type, flags, FAMILY, table, set.name, some));
    }
  return messages;
}

const is = (error: unknown, ...codes: string[]) => error instanceof SysError && codes.includes(error.code);

function failed(error: SysError, what: string, table: string): SoccrError {
  const denied = is(error, 'EPERM');
  return new SoccrError(
    denied ? 'NO_PERMISSION' : 'LOCK',
    denied ? `${what}: CAP_NET_ADMIN is needed` : `${what}: ${error.message}`,
    { object: `nftables table inet ${table}`, cause: error },
  );
}

/** Locks with nftables. The first lock creates the table, and the last unlock deletes it. */
export class NftLocker implements Locker {
  constructor(readonly table: string = DEFAULT_TABLE) {}

  private run<T>(netns: number | undefined, what: string, action: (socket: NetlinkSocket) => T): T {
    try {
      using socket = NetlinkSocket.open(NETLINK_NETFILTER, netns);
      return action(socket);
    } catch (error) {
      if (error instanceof SysError) throw failed(error, what, this.table);
      throw error;
    }
  }

  /** @throws SoccrError LOCK, NO_PERMISSION; then nothing is locked */
  lock(connections: readonly Connection[], netns?: number): void {
    if (connections.length === 0) return;
    this.run(netns, 'cannot lock', (socket) => {
      const add = elements(this.table, NFT_MSG_NEWSETELEM, NLM_F_CREATE, connections);
      try {
        nftChange(socket, add, 'nftables lock');
      } catch (error) {
        if (!is(error, 'ENOENT')) throw error;
        // The table does not exist yet: it is created and the connections locked in one transaction.
        nftChange(socket, [...setUp(this.table), ...add], 'nftables set-up');
      }
    });
  }

  /** @throws SoccrError LOCK, NO_PERMISSION */
  unlock(connections: readonly Connection[], netns?: number): void {
    if (connections.length === 0) return;
    this.run(netns, 'cannot unlock', (socket) => {
      const remove = (some: readonly Connection[]) =>
        nftChange(socket, elements(this.table, NFT_MSG_DELSETELEM, 0, some), 'nftables unlock');
      try {
        remove(connections);
      } catch (error) {
        if (!is(error, 'ENOENT')) throw error;
        // One connection was not locked, so the transaction failed as a whole: retried with those that are locked.
        const there = new Set(this.all(socket).map(id));
        const rest = connections.filter((c) => there.has(id(c)));
        if (rest.length > 0) remove(rest);
      }
    });
  }

  /** Deletes the table if nothing is locked. @throws SoccrError */
  tidy(netns?: number): void {
    this.run(netns, 'cannot tidy', (socket) => this.deleteIfEmpty(socket));
  }

  /** All locked connections. @throws SoccrError */
  list(netns?: number): Connection[] {
    return this.run(netns, 'cannot list', (socket) => this.all(socket));
  }

  /** Unlocks all connections by deleting the table; false if there was none. @throws SoccrError */
  clear(netns?: number): boolean {
    return this.run(netns, 'cannot clear', (socket) => {
      try {
        nftChange(socket, [deleteTable(FAMILY, this.table)], 'nftables clear');
        return true;
      } catch (error) {
        if (is(error, 'ENOENT')) return false;
        throw error;
      }
    });
  }

  /** The datagram by which {@link clear} deletes the table, for a process without this library. */
  clearDatagram(): Uint8Array {
    return nftDatagram([deleteTable(FAMILY, this.table)]);
  }

  private all(socket: NetlinkSocket): Connection[] {
    return Object.values(sets).flatMap((set) => {
      try {
        return listElements(socket, FAMILY, this.table, set.name).map(parseKey);
      } catch (error) {
        if (is(error, 'ENOENT')) return [];
        throw error;
      }
    });
  }

  private deleteIfEmpty(socket: NetlinkSocket): void {
    // Another process that locks meanwhile changes the generation, so the kernel refuses the deletion.
    const generation = getGeneration(socket);
    if (this.all(socket).length > 0) return;
    try {
      nftChange(socket, [deleteTable(FAMILY, this.table)], 'nftables tidy', generation);
    } catch (error) {
      if (!is(error, 'ERESTART', 'ENOENT')) throw error;
    }
  }
}

const id = (connection: Connection) => Buffer.from(key(connection).bytes).toString('hex');
