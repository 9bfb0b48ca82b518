// Locks as elements of two nftables sets, set up and changed over netlink: no external program.
import { SysError } from '@criu/native';
import { addressText, wireBytes } from './address.js';
import { SoccrError } from './errors.js';
import { SOCCR_MARK } from './inject.js';
import { type Connection, DEFAULT_TABLE, type Locker } from './lock.js';
import { type Answer, type Attribute, decodeAttributes, type Message, Netlink, NLM_F } from './netlink.js';
import { inNetns } from './netns.js';

// <linux/netfilter/nf_tables.h>; messages are of subsystem 10.
const SUBSYSTEM = 10;
const MSG = {
  newTable: 0,
  getTable: 1,
  delTable: 2,
  newChain: 3,
  newRule: 6,
  delRule: 8,
  newSet: 9,
  newElement: 12,
  getElement: 13,
  delElement: 14,
  getGeneration: 16,
} as const;
const BATCH_BEGIN = 16;
const BATCH_END = 17;
const NFPROTO_INET = 1;
const NF_DROP = 0;
const NF_ACCEPT = 1;
// The first of the 4-byte registers; 0 is the verdict.
const R = 8;
const HOOK = { input: 1, output: 3 } as const;
// Before connection tracking and everything else that might answer or count.
const PRIORITY = -400;
const ELEMENTS_PER_MESSAGE = 500;

const message = (type: number, flags: number, attributes: Attribute[]): Message => ({
  type: (SUBSYSTEM << 8) | type,
  flags,
  family: NFPROTO_INET,
  resource: 0,
  attributes,
});

function batch(messages: Message[], generation?: number): Message[] {
  const edge = (type: number, attributes: Attribute[]): Message => ({
    type,
    flags: 0,
    family: 0,
    resource: SUBSYSTEM,
    attributes,
  });
  // One acknowledgement for all: a failing message answers in any case.
  const last = messages.at(-1)!;
  return [
    edge(BATCH_BEGIN, generation === undefined ? [] : [[1, generation]]),
    ...messages.slice(0, -1),
    { ...last, flags: last.flags | NLM_F.ack },
    edge(BATCH_END, []),
  ];
}

const expression = (name: string, data: Attribute[]): Attribute => [
  1,
  [
    [1, name],
    [2, data],
  ],
];
const meta = (key: number): Attribute =>
  expression('meta', [
    [1, R],
    [2, key],
  ]);
const equals = (bytes: Uint8Array): Attribute =>
  expression('cmp', [
    [1, R],
    [2, 0],
    [3, [[1, bytes]]],
  ]);
const load = (register: number, base: 'network' | 'transport', offset: number, length: number): Attribute =>
  expression('payload', [
    [1, register],
    [2, base === 'network' ? 1 : 2],
    [3, offset],
    [4, length],
  ]);
const verdict = (code: number): Attribute =>
  expression('immediate', [
    [1, 0],
    [2, [[2, [[1, code]]]]],
  ]);

const META_MARK = 3;
const META_NFPROTO = 15;
const META_L4PROTO = 16;

interface SetShape {
  name: string;
  nfproto: number;
  /** Offsets of source and target in the IP header, and length of an address. */
  source: number;
  target: number;
  length: number;
  /** nft(8)'s own numbers, so that it can print the elements. */
  type: number;
}
const sets: Record<4 | 6, SetShape> = {
  4: { name: 'conns4', nfproto: 2, source: 12, target: 16, length: 4, type: 0x1cd1cd },
  6: { name: 'conns6', nfproto: 10, source: 8, target: 24, length: 16, type: 0x20d20d },
};

/** Peer address, peer port, own address, own port; each padded to four bytes. */
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

function rules(table: string, chain: keyof typeof HOOK): Message[] {
  const mark = Buffer.alloc(4);
  // Meta values are in the machine's own byte order.
  mark.writeUInt32LE(SOCCR_MARK);
  const rule = (expressions: Attribute[]) =>
    message(MSG.newRule, NLM_F.create | NLM_F.append, [
      [1, table],
      [2, chain],
      [4, expressions],
    ]);
  return [
    // Setting up again empties the chain first, so that two at once do not double the rules.
    message(MSG.delRule, 0, [
      [1, table],
      [2, chain],
    ]),
    rule([meta(META_MARK), equals(mark), verdict(NF_ACCEPT)]),
    ...Object.values(sets).map((set) => {
      // The key begins with the peer, which is the source of what comes in and the target of what goes out.
      const [peer, own] = chain === 'input' ? [set.source, set.target] : [set.target, set.source];
      const [peerPort, ownPort] = chain === 'input' ? [0, 2] : [2, 0];
      const words = set.length / 4;
      return rule([
        meta(META_NFPROTO),
        equals(Uint8Array.of(set.nfproto)),
        meta(META_L4PROTO),
        equals(Uint8Array.of(6)),
        load(R, 'network', peer, set.length),
        load(R + words, 'transport', peerPort, 2),
        load(R + words + 1, 'network', own, set.length),
        load(R + 2 * words + 1, 'transport', ownPort, 2),
        expression('lookup', [
          [1, set.name],
          [2, R],
        ]),
        verdict(NF_DROP),
      ]);
    }),
  ];
}

function setUp(table: string): Message[] {
  return [
    message(MSG.newTable, NLM_F.create, [
      [1, table],
      [2, 0],
    ]),
    ...Object.values(sets).map((set, i) =>
      message(MSG.newSet, NLM_F.create, [
        [1, table],
        [2, set.name],
        [3, 0],
        [4, set.type],
        [5, 2 * (set.length + 4)],
        [10, i + 1],
      ]),
    ),
    ...(Object.keys(HOOK) as (keyof typeof HOOK)[]).flatMap((chain) => [
      message(MSG.newChain, NLM_F.create, [
        [1, table],
        [3, chain],
        [
          4,
          [
            [1, HOOK[chain]],
            [2, PRIORITY],
          ],
        ],
        [5, NF_ACCEPT],
        [7, 'filter'],
      ]),
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
  for (const [set, keys] of bySet) {
    for (let at = 0; at < keys.length; at += ELEMENTS_PER_MESSAGE) {
      messages.push(
        message(type, flags, [
          [1, table],
          [2, set.name],
          [3, keys.slice(at, at + ELEMENTS_PER_MESSAGE).map((bytes): Attribute => [1, [[1, [[1, bytes]]]]])],
        ]),
      );
    }
  }
  return messages;
}

const is = (error: unknown, ...codes: string[]) => error instanceof SysError && codes.includes(error.code);

function failed(error: unknown, what: string, table: string): SoccrError {
  const cause = error as SysError;
  const denied = is(error, 'EPERM');
  return new SoccrError(
    denied ? 'NO_PERMISSION' : 'LOCK',
    denied ? `${what}: CAP_NET_ADMIN is needed` : `${what}: ${cause.code ?? cause.message}`,
    { object: `nftables table inet ${table}`, cause },
  );
}

/** Locks by nftables. The table is made by the first lock and goes with the last one. */
export class NftLocker implements Locker {
  constructor(readonly table: string = DEFAULT_TABLE) {}

  private run<T>(netns: number | undefined, what: string, action: (link: Netlink) => T): T {
    try {
      const link = inNetns(netns, () => Netlink.open());
      try {
        return action(link);
      } finally {
        link.close();
      }
    } catch (error) {
      if (error instanceof SysError) throw failed(error, what, this.table);
      throw error;
    }
  }

  /** @throws SoccrError LOCK, NO_PERMISSION; nothing is locked then */
  lock(connections: readonly Connection[], netns?: number): void {
    if (connections.length === 0) return;
    this.run(netns, 'cannot lock', (link) => {
      const add = elements(this.table, MSG.newElement, NLM_F.create, connections);
      try {
        link.exchange(batch(add), 'nftables lock');
      } catch (error) {
        if (!is(error, 'ENOENT')) throw error;
        // No table yet: make it and lock in one transaction.
        link.exchange(batch([...setUp(this.table), ...add]), 'nftables set-up');
      }
    });
  }

  /** @throws SoccrError LOCK, NO_PERMISSION */
  unlock(connections: readonly Connection[], netns?: number): void {
    if (connections.length === 0) return;
    this.run(netns, 'cannot unlock', (link) => {
      try {
        link.exchange(batch(elements(this.table, MSG.delElement, 0, connections)), 'nftables unlock');
      } catch (error) {
        if (!is(error, 'ENOENT')) throw error;
        // One of them is not locked, and the transaction failed as a whole: take those that are.
        const there = new Set(this.dump(link).map(id));
        const rest = connections.filter((c) => there.has(id(c)));
        if (rest.length) {
          link.exchange(batch(elements(this.table, MSG.delElement, 0, rest)), 'nftables unlock');
        }
      }
    });
  }

  /** Deletes the table when nothing is locked any more. @throws SoccrError */
  tidy(netns?: number): void {
    this.run(netns, 'cannot tidy', (link) => this.deleteIfEmpty(link));
  }

  /** All connections that are locked now. @throws SoccrError */
  list(netns?: number): Connection[] {
    return this.run(netns, 'cannot list', (link) => this.dump(link));
  }

  /** Unlocks everything by deleting the table; false when there was none. @throws SoccrError */
  clear(netns?: number): boolean {
    return this.run(netns, 'cannot clear', (link) => {
      try {
        link.exchange(batch([message(MSG.delTable, 0, [[1, this.table]])]), 'nftables clear');
        return true;
      } catch (error) {
        if (is(error, 'ENOENT')) return false;
        throw error;
      }
    });
  }

  private dump(link: Netlink): Connection[] {
    return Object.values(sets).flatMap((set) => {
      let answers: Answer[];
      try {
        answers = link.exchange(
          [
            message(MSG.getElement, NLM_F.dump, [
              [1, this.table],
              [2, set.name],
            ]),
          ],
          'nftables list',
        );
      } catch (error) {
        if (is(error, 'ENOENT')) return [];
        throw error;
      }
      return answers.flatMap((answer) => keysOf(answer.attributes).map(parseKey));
    });
  }

  private deleteIfEmpty(link: Netlink): void {
    // Whoever locks in between changes the generation, and the deletion is refused: the table is needed then.
    const [answer] = link.exchange([message(MSG.getGeneration, NLM_F.ack, [])], 'nftables generation');
    const generation = answer && decodeAttributes(answer.attributes).find(([type]) => type === 1)?.[1];
    if (!generation || this.dump(link).length > 0) return;
    try {
      const remove = message(MSG.delTable, 0, [[1, this.table]]);
      link.exchange(batch([remove], generation.readUInt32BE(0)), 'nftables tidy');
    } catch (error) {
      if (!is(error, 'ERESTART', 'ENOENT')) throw error;
    }
  }
}

const id = (connection: Connection) => Buffer.from(key(connection).bytes).toString('hex');

function child(bytes: Buffer, type: number): Buffer | undefined {
  return decodeAttributes(bytes).find(([t]) => t === type)?.[1];
}

function keysOf(attributes: Buffer): Buffer[] {
  const list = child(attributes, 3);
  if (!list) return [];
  return decodeAttributes(list).flatMap(([, element]) => {
    const data = child(element, 1);
    const value = data && child(data, 1);
    return value ? [value] : [];
  });
}
