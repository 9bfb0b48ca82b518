// Traffic control (tc(8)): queueing disciplines added by users, and their classes. The listed attributes are used to
// create them again. Filters are in `filters.ts`.
import {
  type Attribute,
  Attributes,
  encodeAttributes,
  type Link,
  type NetlinkError,
  type NetlinkSocket,
  routeMessage,
} from '@criu/native/netlink';
import {
  NLM_F_CREATE,
  NLM_F_REPLACE,
  RTM_GETQDISC,
  RTM_GETTCLASS,
  RTM_NEWQDISC,
  RTM_NEWTCLASS,
  TC_H_MAJ_MASK,
  TC_H_MIN_EGRESS,
  TC_H_MIN_INGRESS,
  TCA_EGRESS_BLOCK,
  TCA_FCNT,
  TCA_HTB_INIT,
  TCA_HW_OFFLOAD,
  TCA_INGRESS_BLOCK,
  TCA_KIND,
  TCA_NETEM_JITTER64,
  TCA_NETEM_SLOT,
  TCA_OPTIONS,
  TCA_PAD,
  TCA_STATS,
  TCA_STATS2,
  TCA_XSTATS,
  tc_netem_qopt,
  tc_netem_slot,
  tcmsg,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { NetlinkObject } from '../../../images/types.js';
import { listActions, makeActions } from './actions.js';
import { listFilters, makeFilters } from './filters.js';

/** Attributes that only describe the state: statistics, estimators, use in hardware, chains. */
const FACTS: ReadonlySet<number> = new Set([
  TCA_STATS,
  TCA_XSTATS,
  TCA_FCNT,
  TCA_STATS2,
  TCA_PAD,
  TCA_HW_OFFLOAD,
]);

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

function header(device = 0, parent = 0): Buffer {
  const bytes = Buffer.alloc(tcmsg.sizeof);
  bytes.writeInt32LE(device, tcmsg.tcm_ifindex);
  bytes.writeUInt32LE(parent >>> 0, tcmsg.tcm_parent);
  return bytes;
}

function attributesOf(body: Buffer): Attributes {
  return Attributes.parse(body.subarray(tcmsg.sizeof), 'traffic control');
}

function optionsOf(kind: string, options: Buffer | undefined): Attribute[] {
  if (!options || PLAIN.has(kind)) return [];
  if (kind !== 'htb') return [[TCA_OPTIONS, options]];
  const changed = Attributes.parse(options, kind).entries.map(([type, value]): [number, Buffer] => {
    const copy = Buffer.from(value);
    if (type === TCA_HTB_INIT && copy.length >= 4) copy.writeUInt32LE(copy.readUInt32LE() >>> 16);
    return [type, copy];
  });
  return [[TCA_OPTIONS, changed]];
}

/** A message as a request. */
function asked(type: number, body: Buffer): NetlinkObject {
  const attributes = attributesOf(body);
  const kind = attributes.text(TCA_KIND) ?? '';
  const head = Buffer.from(body.subarray(0, tcmsg.sizeof));
  // The number of users.
  head.writeUInt32LE(0, tcmsg.tcm_info);
  const options = attributes.bytes(TCA_OPTIONS);
  const kept = attributes.entries.filter(([one]) => one !== TCA_OPTIONS && !FACTS.has(one));
  const own =
    type === RTM_NEWQDISC ? optionsOf(kind, options) : options ? [[TCA_OPTIONS, options] as const] : [];
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

function refuseAction(what: string): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    `its network namespace has actions of traffic control (${what}), which cannot be made again`,
    {},
    'take them away before the dump (tc actions flush action KIND), and add them again afterwards',
  );
}

/**
 * Whether netem may have a delay distribution table (`distribution normal`), which the kernel does not list. Without a
 * table, varying delays are uniformly distributed.
 */
export function mayHaveTable(options: Buffer): boolean {
  if (options.length < tc_netem_qopt.sizeof) return false;
  const more = Attributes.parse(options.subarray(tc_netem_qopt.sizeof), 'netem');
  const slot = more.bytes(TCA_NETEM_SLOT);
  const slotted =
    slot &&
    (slot.readBigInt64LE(tc_netem_slot.dist_delay) !== 0n ||
      slot.readBigInt64LE(tc_netem_slot.dist_jitter) !== 0n);
  return (
    options.readUInt32LE(tc_netem_qopt.jitter) !== 0 ||
    (more.u64(TCA_NETEM_JITTER64) ?? 0n) !== 0n ||
    slotted === true
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
  const all = socket.dump(routeMessage(RTM_GETQDISC, 0, header()), 'list queueing disciplines');
  const out: NetlinkObject[] = [];
  refusals.attempt(() => {
    out.push(...listActions(socket, refuseAction));
  });
  for (const link of links) {
    const own = all
      .map(({ body }) => body)
      .filter((body) => body.readInt32LE(tcmsg.tcm_ifindex) === link.index)
      .filter((body) => (body.readUInt32LE(tcmsg.tcm_handle) & TC_H_MAJ_MASK) !== 0);
    if (own.length === 0) continue;
    for (const body of own)
      refusals.attempt(() => {
        const attributes = attributesOf(body);
        const kind = attributes.text(TCA_KIND) ?? '';
        if (!KINDS.has(kind)) throw refuse(link, `the queueing discipline ${kind}`);
        if (attributes.has(TCA_INGRESS_BLOCK) || attributes.has(TCA_EGRESS_BLOCK))
          throw refuse(link, 'filters that it shares with others');
        if (kind === 'netem' && mayHaveTable(attributes.bytes(TCA_OPTIONS) ?? Buffer.alloc(0)))
          throw refuse(
            link,
            'delays that vary (netem), of which the kernel does not tell by what table they do',
          );
      });
    const classes = socket.dump(
      routeMessage(RTM_GETTCLASS, 0, header(link.index)),
      `classes of ${link.name}`,
    );
    // Classes of other kinds are created along with their discipline.
    const made = classes.filter(({ body }) => attributesOf(body).text(TCA_KIND) === 'htb');
    out.push(
      ...own.map((body) => asked(RTM_NEWQDISC, body)),
      ...downwards(made.map(({ body }) => body)).map((body) => asked(RTM_NEWTCLASS, body)),
    );
    for (const body of own)
      refusals.attempt(() => {
        const parents = parentsOf(
          body,
          made.map((one) => one.body.readUInt32LE(tcmsg.tcm_handle)),
        );
        out.push(...listFilters(socket, link.index, parents, (what) => refuse(link, what)));
      });
  }
  return out;
}

/**
 * Sorts classes so that each follows its parent: the kernel attaches a class with an unknown parent to the discipline
 * itself.
 */
function downwards(classes: readonly Buffer[]): Buffer[] {
  const handles = new Map(classes.map((body) => [body.readUInt32LE(tcmsg.tcm_handle), body]));
  const out = new Set<Buffer>();
  const add = (body: Buffer, depth: number): void => {
    const parent = handles.get(body.readUInt32LE(tcmsg.tcm_parent));
    if (parent && depth < classes.length) add(parent, depth + 1);
    out.add(body);
  };
  for (const body of classes) add(body, 0);
  return [...out];
}

/** Minor numbers of the two hooks of clsact: ingress and egress. */
const HOOKS = [TC_H_MIN_INGRESS, TC_H_MIN_EGRESS] as const;

/** To what filters of a discipline may be attached: to itself and its classes, or to its hooks. */
function parentsOf(body: Buffer, classes: readonly number[]): number[] {
  const handle = body.readUInt32LE(tcmsg.tcm_handle);
  const major = (handle & TC_H_MAJ_MASK) >>> 0;
  if (attributesOf(body).text(TCA_KIND) === 'clsact') return HOOKS.map((minor) => (major | minor) >>> 0);
  return [handle, ...classes.filter((one) => (one & TC_H_MAJ_MASK) >>> 0 === major)];
}

/** Creates disciplines and classes in as many rounds as necessary, parents before children. @throws NetlinkError */
export function makeTraffic(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const isOurs = ({ type }: NetlinkObject) => type === RTM_NEWQDISC || type === RTM_NEWTCLASS;
  let left = objects.filter(isOurs).map(({ type, body }) => {
    const device = Buffer.from(body).readInt32LE(tcmsg.tcm_ifindex);
    const kind = attributesOf(Buffer.from(body)).text(TCA_KIND);
    const what = `${type === RTM_NEWQDISC ? 'queueing discipline' : 'class'} ${kind} of device ${device}`;
    return { type, flags: NLM_F_CREATE | NLM_F_REPLACE, body, what };
  });
  while (left.length > 0) {
    const outcomes = socket.each(left);
    const failed = left.filter((_, i) => outcomes[i] !== undefined);
    if (failed.length === left.length) throw outcomes[0] as NetlinkError;
    left = failed;
  }
  makeActions(socket, objects);
  makeFilters(socket, objects);
}
