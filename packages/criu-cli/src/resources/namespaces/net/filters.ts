// Filters of traffic control (tc-filter(8)) of the kinds u32 and bpf (classic programs), with the action mirred. They are
// created again from the listed attributes, at the same handles; what a restore lists afterwards has to be the same.
import {
  type Attribute,
  Attributes,
  encodeAttributes,
  type NetlinkSocket,
  routeMessage,
} from '@criu/native/netlink';
import {
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_GETTFILTER,
  RTM_NEWTFILTER,
  TC_H_MAJ_MASK,
  TCA_ACT_COOKIE,
  TCA_ACT_FLAGS,
  TCA_ACT_HW_STATS,
  TCA_ACT_KIND,
  TCA_ACT_OPTIONS,
  TCA_BPF_ACT,
  TCA_BPF_CLASSID,
  TCA_BPF_FLAGS,
  TCA_BPF_FLAGS_GEN,
  TCA_BPF_OPS,
  TCA_BPF_OPS_LEN,
  TCA_CHAIN,
  TCA_CLS_FLAGS_SKIP_HW,
  TCA_CLS_FLAGS_SKIP_SW,
  TCA_KIND,
  TCA_MIRRED_PAD,
  TCA_MIRRED_PARMS,
  TCA_MIRRED_TM,
  TCA_OPTIONS,
  TCA_U32_ACT,
  TCA_U32_CLASSID,
  TCA_U32_DIVISOR,
  TCA_U32_FLAGS,
  TCA_U32_HASH,
  TCA_U32_INDEV,
  TCA_U32_LINK,
  TCA_U32_MARK,
  TCA_U32_PAD,
  TCA_U32_PCNT,
  TCA_U32_SEL,
  tc_mirred,
  tcmsg,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { NetlinkObject } from '../../../images/types.js';

/** Attributes of the options of a kind: those that are kept, statistics, and those with a special meaning here. */
interface Kind {
  readonly kept: ReadonlySet<number>;
  readonly statistics: ReadonlySet<number>;
  readonly flags: number;
  readonly actions: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  u32: {
    kept: new Set([
      TCA_U32_CLASSID,
      TCA_U32_HASH,
      TCA_U32_LINK,
      TCA_U32_DIVISOR,
      TCA_U32_SEL,
      TCA_U32_INDEV,
      TCA_U32_MARK,
    ]),
    statistics: new Set([TCA_U32_PCNT, TCA_U32_PAD]),
    flags: TCA_U32_FLAGS,
    actions: TCA_U32_ACT,
  },
  bpf: {
    kept: new Set([TCA_BPF_CLASSID, TCA_BPF_OPS_LEN, TCA_BPF_OPS, TCA_BPF_FLAGS]),
    statistics: new Set(),
    flags: TCA_BPF_FLAGS_GEN,
    actions: TCA_BPF_ACT,
  },
};

/** Flags that a user sets; the others tell whether hardware has taken the filter over. */
const SETTABLE = TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW;
const ACTION_KEPT: ReadonlySet<number> = new Set([
  TCA_ACT_KIND,
  TCA_ACT_COOKIE,
  TCA_ACT_FLAGS,
  TCA_ACT_HW_STATS,
]);
const MIRRED_FACTS: ReadonlySet<number> = new Set([TCA_MIRRED_TM, TCA_MIRRED_PAD]);

/** Why a filter cannot be created again, for a message: "filters of traffic control (WHAT)". */
class Unkept extends Error {}

function action(bytes: Buffer): Attribute[] {
  const listed = Attributes.parse(bytes, 'action');
  const kind = listed.text(TCA_ACT_KIND) ?? '';
  if (kind !== 'mirred') throw new Unkept(`action ${kind}`);
  const options = (listed.nested(TCA_ACT_OPTIONS)?.entries ?? [])
    .filter(([type]) => !MIRRED_FACTS.has(type))
    .map(([type, value]): Attribute => {
      const copy = Buffer.from(value);
      // The numbers of those that use the action.
      if (type === TCA_MIRRED_PARMS && copy.length >= tc_mirred.sizeof) {
        copy.writeInt32LE(0, tc_mirred.refcnt);
        copy.writeInt32LE(0, tc_mirred.bindcnt);
      }
      return [type, copy];
    });
  return [
    ...listed.entries.filter(([type]) => ACTION_KEPT.has(type)),
    [TCA_ACT_OPTIONS, encodeAttributes(options)],
  ];
}

function optionsOf(name: string, options: Attributes): Attribute[] {
  const kind = KINDS[name];
  if (!kind) throw new Unkept(name);
  const { kept, statistics, flags, actions } = kind;
  if (name === 'bpf' && !options.has(TCA_BPF_OPS)) throw new Unkept('bpf, with a program of eBPF');
  return options.entries.flatMap(([type, value]): Attribute[] => {
    if (kept.has(type)) return [[type, value]];
    if (statistics.has(type)) return [];
    if (type === flags) {
      const set = (options.u32(type) ?? 0) & SETTABLE;
      return set === 0 ? [] : [[type, Buffer.from(Uint32Array.of(set).buffer)]];
    }
    if (type !== actions) throw new Unkept(`${name}, with its attribute ${type}`);
    const all = Attributes.parse(value, 'actions').entries;
    return [[type, encodeAttributes(all.map(([order, one]) => [order, action(one)]))]];
  });
}

/** A listed filter as a request; undefined for the entry of a list of filters itself. */
function asked(body: Buffer): NetlinkObject | undefined {
  const attributes = Attributes.parse(body.subarray(tcmsg.sizeof), 'filter');
  const kind = attributes.text(TCA_KIND) ?? '';
  if (attributes.u32(TCA_CHAIN)) throw new Unkept('a chain of its own');
  const options = attributes.nested(TCA_OPTIONS);
  if (!options || body.readUInt32LE(tcmsg.tcm_handle) === 0) {
    if (!KINDS[kind]) throw new Unkept(kind);
    return undefined;
  }
  const content = encodeAttributes([
    [TCA_KIND, attributes.bytes(TCA_KIND) ?? Buffer.alloc(0)],
    [TCA_OPTIONS, encodeAttributes(optionsOf(kind, options))],
  ]);
  return { type: RTM_NEWTFILTER, body: Buffer.concat([body.subarray(0, tcmsg.sizeof), content]) };
}

/** Handles of u32 have a table in the upper 12 bits; those from this one on are numbers that the kernel gives. */
const [TABLE_SHIFT, OWN_TABLES] = [20, 0x800];

function headOf({ body }: NetlinkObject): {
  readonly handle: number;
  /** Parent and priority, as one text. */
  readonly priority: string;
  readonly options: Attributes | undefined;
} {
  const bytes = Buffer.from(body);
  const attributes = Attributes.parse(bytes.subarray(tcmsg.sizeof), 'filter');
  return {
    handle: bytes.readUInt32LE(tcmsg.tcm_handle),
    priority: `${bytes.readUInt32LE(tcmsg.tcm_parent)} ${bytes.readUInt32LE(tcmsg.tcm_info) >>> 16}`,
    options: attributes.text(TCA_KIND) === 'u32' ? attributes.nested(TCA_OPTIONS) : undefined,
  };
}

/**
 * Filters of a discipline in an order in which they can be created. Each priority of u32 has a table to which the kernel
 * gives the next number when the first filter of the priority is created, so that the priorities come in the order of
 * these numbers. All parents within a discipline have them in common.
 */
function inOrder(filters: readonly NetlinkObject[]): NetlinkObject[] {
  const all = filters.map((filter) => ({ filter, ...headOf(filter) }));
  const tables = all.filter(({ options }) => options?.has(TCA_U32_DIVISOR));
  const tableOf = (handle: number) => handle >>> TABLE_SHIFT;
  const roots = tables
    .filter(({ handle }) => tableOf(handle) >= OWN_TABLES)
    .sort((a, b) => tableOf(a.handle) - tableOf(b.handle));
  if (
    new Set(roots.map(({ priority }) => priority)).size !== roots.length ||
    new Set(tables.map(({ handle }) => handle)).size !== tables.length ||
    roots.some(({ handle }, i) => tableOf(handle) !== OWN_TABLES + i)
  )
    throw new Unkept('u32, whose tables have been made in another order');
  const others = tables.filter((table) => !roots.includes(table));
  if (others.some(({ handle }) => tableOf(handle) < roots.length))
    throw new Unkept('u32, with tables whose numbers the kernel gives');
  const keys = all.filter(({ options }) => options && !options.has(TCA_U32_DIVISOR));
  const isLink = ({ options }: (typeof all)[number]) => options?.has(TCA_U32_LINK) ?? false;
  const first = roots.flatMap(({ priority }) => {
    const own = [...others, ...keys.filter((key) => !isLink(key))].filter((one) => one.priority === priority);
    if (own.length === 0) throw new Unkept('u32, with a priority that only leads to tables');
    return own;
  });
  const plain = all.filter(({ options }) => !options);
  return [...first, ...keys.filter(isLink), ...plain].map(({ filter }) => filter);
}

/**
 * Filters of a discipline, as requests.
 * @param parents the discipline, its classes or its hooks, as in tcm_parent
 * @param refuse makes the error for what cannot be restored
 * @throws NetlinkError, CriuError
 */
export function listFilters(
  socket: NetlinkSocket,
  device: number,
  parents: readonly number[],
  refuse: (what: string) => CriuError,
): NetlinkObject[] {
  const listed = parents.flatMap((parent) => {
    const header = Buffer.alloc(tcmsg.sizeof);
    header.writeInt32LE(device, tcmsg.tcm_ifindex);
    header.writeUInt32LE(parent, tcmsg.tcm_parent);
    return socket.dump(routeMessage(RTM_GETTFILTER, 0, header), `filters of device ${device}`);
  });
  try {
    return inOrder(listed.flatMap(({ body }) => asked(body) ?? []));
  } catch (error) {
    throw error instanceof Unkept ? refuse(`filters of traffic control (${error.message})`) : error;
  }
}

/** Device and parent of a filter. */
function placeOf({ body }: NetlinkObject): { readonly device: number; readonly parent: number } {
  const bytes = Buffer.from(body);
  return { device: bytes.readInt32LE(tcmsg.tcm_ifindex), parent: bytes.readUInt32LE(tcmsg.tcm_parent) };
}

function wrong(device: number, cause?: unknown): CriuError {
  return new CriuError(
    'SYSCALL',
    `the filters of traffic control of device ${device} cannot be made as they were`,
    {},
    'dump without them (tc filter del dev DEVICE …), and add them again afterwards',
    cause,
  );
}

/** Creates filters, when their disciplines and classes exist. @throws CriuError, NetlinkError */
export function makeFilters(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const filters = objects.filter(({ type }) => type === RTM_NEWTFILTER);
  const places = new Map<string, NetlinkObject[]>();
  for (const filter of filters) {
    const { device, parent } = placeOf(filter);
    const key = `${device} ${parent & TC_H_MAJ_MASK}`;
    places.set(key, [...(places.get(key) ?? []), filter]);
  }
  for (const wanted of places.values()) {
    const [first] = wanted;
    if (!first) continue;
    const { device } = placeOf(first);
    const parents = [...new Set(wanted.map((filter) => placeOf(filter).parent))];
    try {
      socket.all(
        wanted.map(({ type, body }) => ({
          type,
          flags: NLM_F_CREATE | NLM_F_EXCL,
          body,
          what: `filter of device ${device}`,
        })),
      );
    } catch (error) {
      throw wrong(device, error);
    }
    const made = listFilters(socket, device, parents, () => wrong(device));
    // Tables are listed in the order of their creation.
    const text = (all: readonly NetlinkObject[]) =>
      all
        .map(({ body }) => Buffer.from(body).toString('hex'))
        .sort()
        .join();
    if (text(made) !== text(wanted)) throw wrong(device);
  }
}
