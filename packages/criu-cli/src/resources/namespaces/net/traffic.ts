// Traffic control (tc(8)): queueing disciplines added by users, and their classes. The listed attributes are used to
// create them again. Filters and actions are not restored.
import {
  type Attribute,
  Attributes,
  encodeAttributes,
  type Link,
  type NetlinkError,
  type NetlinkSocket,
  routeMessage,
} from '@criu/native/netlink';
import { NLM_F_CREATE, NLM_F_REPLACE } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { NetlinkObject } from '../../../images/types.js';

/** Requests of <linux/rtnetlink.h>. */
const RTM = { NEWQDISC: 36, GETQDISC: 38, NEWCLASS: 40, GETCLASS: 42, GETFILTER: 46 } as const;
/** struct tcmsg: its size, and the offsets of device, handle, parent and info. */
const HEADER = { size: 20, device: 4, handle: 8, parent: 12, info: 16 } as const;
const TCA = { KIND: 1, OPTIONS: 2, INGRESS_BLOCK: 13, EGRESS_BLOCK: 14 } as const;
/** Attributes that only describe the state: statistics, estimators, use in hardware, chains. */
const FACTS: ReadonlySet<number> = new Set([3, 4, 6, 7, 9, 12]);
/** The part of a handle that identifies the discipline. */
const MAJOR = 0xffff0000;

/** Kinds that can be created from their listed attributes. */
const KINDS: ReadonlySet<string> = new Set([
  'pfifo',
  'bfifo',
  'pfifo_fast',
  'noqueue',
  'mq',
  'tbf',
  'htb',
  'prio',
  'fq',
  'fq_codel',
  'codel',
  'cake',
  'netem',
  'ingress',
  'clsact',
]);

/** Kinds without settings. */
const PLAIN: ReadonlySet<string> = new Set(['pfifo_fast', 'noqueue', 'mq', 'ingress', 'clsact']);
/**
 * TCA_HTB_INIT, a struct tc_htb_glob that starts with a version; the kernel lists it with its minor version appended.
 */
const HTB_INIT = 2;

function header(device = 0, parent = 0): Buffer {
  const bytes = Buffer.alloc(HEADER.size);
  bytes.writeInt32LE(device, HEADER.device);
  bytes.writeUInt32LE(parent >>> 0, HEADER.parent);
  return bytes;
}

function attributesOf(body: Buffer): Attributes {
  return Attributes.parse(body.subarray(HEADER.size), 'traffic control');
}

function optionsOf(kind: string, options: Buffer | undefined): Attribute[] {
  if (!options || PLAIN.has(kind)) return [];
  if (kind !== 'htb') return [[TCA.OPTIONS, options]];
  const changed = Attributes.parse(options, kind).entries.map(([type, value]): [number, Buffer] => {
    const copy = Buffer.from(value);
    if (type === HTB_INIT && copy.length >= 4) copy.writeUInt32LE(copy.readUInt32LE() >>> 16);
    return [type, copy];
  });
  return [[TCA.OPTIONS, changed]];
}

/** A message as a request. */
function asked(type: number, body: Buffer): NetlinkObject {
  const attributes = attributesOf(body);
  const kind = attributes.text(TCA.KIND) ?? '';
  const head = Buffer.from(body.subarray(0, HEADER.size));
  // The number of users.
  head.writeUInt32LE(0, HEADER.info);
  const options = attributes.bytes(TCA.OPTIONS);
  const kept = attributes.entries.filter(([one]) => one !== TCA.OPTIONS && !FACTS.has(one));
  const own =
    type === RTM.NEWQDISC ? optionsOf(kind, options) : options ? [[TCA.OPTIONS, options] as const] : [];
  return { type, body: Buffer.concat([head, encodeAttributes([...kept, ...own])]) };
}

function refuse(link: Link, what: string): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    `the network device ${link.name} has ${what}, which cannot be made again`,
    {},
    `take it away before the dump (tc qdisc del dev ${link.name} …), and put it there again afterwards`,
  );
}

/**
 * Options of netem: struct tc_netem_qopt with the offset of its jitter, and attributes that may follow
 * (TCA_NETEM_JITTER64, TCA_NETEM_SLOT).
 */
const NETEM = { size: 24, jitter: 20, JITTER64: 11, SLOT: 12 } as const;
/** struct tc_netem_slot: offsets of the delay and jitter for its distribution table. */
const SLOT = { delay: 24, jitter: 32 } as const;

/**
 * Whether netem may have a delay distribution table (`distribution normal`), which the kernel does not list. Without a
 * table, varying delays are uniformly distributed.
 */
export function mayHaveTable(options: Buffer): boolean {
  if (options.length < NETEM.size) return false;
  const more = Attributes.parse(options.subarray(NETEM.size), 'netem');
  const slot = more.bytes(NETEM.SLOT);
  const slotted = slot && (slot.readBigInt64LE(SLOT.delay) !== 0n || slot.readBigInt64LE(SLOT.jitter) !== 0n);
  return (
    options.readUInt32LE(NETEM.jitter) !== 0 || (more.u64(NETEM.JITTER64) ?? 0n) !== 0n || slotted === true
  );
}

/**
 * Lists what users have set up in a namespace; automatic disciplines have no handle. What cannot be restored is
 * refused.
 * @throws NetlinkError, CriuError
 */
export function listTraffic(
  { refusals }: Pick<DumpContext, 'refusals'>,
  socket: NetlinkSocket,
  links: readonly Link[],
): NetlinkObject[] {
  const all = socket.dump(routeMessage(RTM.GETQDISC, 0, header()), 'list queueing disciplines');
  const out: NetlinkObject[] = [];
  for (const link of links) {
    const own = all
      .map(({ body }) => body)
      .filter((body) => body.readInt32LE(HEADER.device) === link.index)
      .filter((body) => (body.readUInt32LE(HEADER.handle) & MAJOR) !== 0);
    if (own.length === 0) continue;
    for (const body of own)
      refusals.attempt(() => {
        const attributes = attributesOf(body);
        const kind = attributes.text(TCA.KIND) ?? '';
        if (!KINDS.has(kind)) throw refuse(link, `the queueing discipline ${kind}`);
        if (attributes.has(TCA.INGRESS_BLOCK) || attributes.has(TCA.EGRESS_BLOCK))
          throw refuse(link, 'filters that it shares with others');
        if (kind === 'netem' && mayHaveTable(attributes.bytes(TCA.OPTIONS) ?? Buffer.alloc(0)))
          throw refuse(
            link,
            'delays that vary (netem), of which the kernel does not tell by what table they do',
          );
        if (hasFilters(socket, link, body)) throw refuse(link, `filters of traffic control (${kind})`);
      });
    const classes = socket.dump(routeMessage(RTM.GETCLASS, 0, header(link.index)), `classes of ${link.name}`);
    // Classes of other kinds are created along with their discipline.
    const made = classes.filter(({ body }) => attributesOf(body).text(TCA.KIND) === 'htb');
    out.push(
      ...own.map((body) => asked(RTM.NEWQDISC, body)),
      ...downwards(made.map(({ body }) => body)).map((body) => asked(RTM.NEWCLASS, body)),
    );
    for (const { body } of made)
      refusals.attempt(() => {
        if (hasFilters(socket, link, body)) throw refuse(link, 'filters of traffic control (htb)');
      });
  }
  return out;
}

/**
 * Sorts classes so that each follows its parent: the kernel attaches a class with an unknown parent to the discipline
 * itself.
 */
function downwards(classes: readonly Buffer[]): Buffer[] {
  const handles = new Map(classes.map((body) => [body.readUInt32LE(HEADER.handle), body]));
  const out = new Set<Buffer>();
  const add = (body: Buffer, depth: number): void => {
    const parent = handles.get(body.readUInt32LE(HEADER.parent));
    if (parent && depth < classes.length) add(parent, depth + 1);
    out.add(body);
  };
  for (const body of classes) add(body, 0);
  return [...out];
}

/** Minor numbers of the two hooks of clsact: ingress and egress. */
const HOOKS = [0xfff2, 0xfff3] as const;

/** Whether a discipline or class has filters. */
function hasFilters(socket: NetlinkSocket, link: Link, body: Buffer): boolean {
  const handle = body.readUInt32LE(HEADER.handle);
  const isHook = attributesOf(body).text(TCA.KIND) === 'clsact';
  const parents = isHook ? HOOKS.map((minor) => ((handle & MAJOR) | minor) >>> 0) : [handle];
  return parents.some((parent) => {
    const message = routeMessage(RTM.GETFILTER, 0, header(link.index, parent));
    return socket.dump(message, `filters of ${link.name}`).length > 0;
  });
}

/** Creates disciplines and classes in as many rounds as necessary, parents before children. @throws NetlinkError */
export function makeTraffic(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const isOurs = ({ type }: NetlinkObject) => type === RTM.NEWQDISC || type === RTM.NEWCLASS;
  let left = objects.filter(isOurs).map(({ type, body }) => {
    const device = Buffer.from(body).readInt32LE(HEADER.device);
    const kind = attributesOf(Buffer.from(body)).text(TCA.KIND);
    const what = `${type === RTM.NEWQDISC ? 'queueing discipline' : 'class'} ${kind} of device ${device}`;
    return { type, flags: NLM_F_CREATE | NLM_F_REPLACE, body, what };
  });
  while (left.length > 0) {
    const outcomes = socket.each(left);
    const failed = left.filter((_, i) => outcomes[i] !== undefined);
    if (failed.length === left.length) throw outcomes[0] as NetlinkError;
    left = failed;
  }
}
