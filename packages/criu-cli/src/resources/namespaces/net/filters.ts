// Filters of traffic control (tc-filter(8)), with their actions (`actions.ts`), also in chains of their own. They are created
// again from the listed attributes, at the same handles; what a restore lists afterwards has to be the same.
import {
  type Attribute,
  Attributes,
  encodeAttributes,
  type NetlinkSocket,
  routeMessage,
  u32,
} from '@criu/native/netlink';
import {
  ETH_P_8021AD,
  ETH_P_8021Q,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_GETTFILTER,
  RTM_NEWTFILTER,
  TC_H_MAJ_MASK,
  TCA_BASIC_ACT,
  TCA_BASIC_CLASSID,
  TCA_BASIC_EMATCHES,
  TCA_BASIC_PAD,
  TCA_BASIC_PCNT,
  TCA_BPF_ACT,
  TCA_BPF_CLASSID,
  TCA_BPF_FLAGS,
  TCA_BPF_FLAGS_GEN,
  TCA_BPF_OPS,
  TCA_BPF_OPS_LEN,
  TCA_CGROUP_ACT,
  TCA_CGROUP_EMATCHES,
  TCA_CHAIN,
  TCA_CLS_FLAGS_SKIP_HW,
  TCA_CLS_FLAGS_SKIP_SW,
  TCA_FLOW_ACT,
  TCA_FLOW_POLICE,
  TCA_FLOWER_ACT,
  TCA_FLOWER_FLAGS,
  TCA_FLOWER_IN_HW_COUNT,
  TCA_FLOWER_KEY_CVLAN_ETH_TYPE,
  TCA_FLOWER_KEY_CVLAN_ID,
  TCA_FLOWER_KEY_CVLAN_PRIO,
  TCA_FLOWER_KEY_ETH_TYPE,
  TCA_FW_ACT,
  TCA_FW_CLASSID,
  TCA_FW_INDEV,
  TCA_FW_MASK,
  TCA_KIND,
  TCA_MATCHALL_ACT,
  TCA_MATCHALL_CLASSID,
  TCA_MATCHALL_FLAGS,
  TCA_MATCHALL_PAD,
  TCA_MATCHALL_PCNT,
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
  tcmsg,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { NetlinkObject } from '../../../images/types.js';
import { actionAsked, Unkept } from './actions.js';
import { listChains, makeChains } from './chains.js';

/** Attributes of the options of a kind: those that are kept (default: all others), and those with a meaning here. */
interface Kind {
  readonly kept?: readonly number[];
  readonly statistics?: readonly number[];
  readonly flags?: number;
  readonly actions: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  u32: {
    kept: [
      TCA_U32_CLASSID,
      TCA_U32_HASH,
      TCA_U32_LINK,
      TCA_U32_DIVISOR,
      TCA_U32_SEL,
      TCA_U32_INDEV,
      TCA_U32_MARK,
    ],
    statistics: [TCA_U32_PCNT, TCA_U32_PAD],
    flags: TCA_U32_FLAGS,
    actions: TCA_U32_ACT,
  },
  bpf: {
    kept: [TCA_BPF_CLASSID, TCA_BPF_OPS_LEN, TCA_BPF_OPS, TCA_BPF_FLAGS],
    flags: TCA_BPF_FLAGS_GEN,
    actions: TCA_BPF_ACT,
  },
  flower: { statistics: [TCA_FLOWER_IN_HW_COUNT], flags: TCA_FLOWER_FLAGS, actions: TCA_FLOWER_ACT },
  matchall: {
    kept: [TCA_MATCHALL_CLASSID],
    statistics: [TCA_MATCHALL_PCNT, TCA_MATCHALL_PAD],
    flags: TCA_MATCHALL_FLAGS,
    actions: TCA_MATCHALL_ACT,
  },
  basic: {
    kept: [TCA_BASIC_CLASSID, TCA_BASIC_EMATCHES],
    statistics: [TCA_BASIC_PCNT, TCA_BASIC_PAD],
    actions: TCA_BASIC_ACT,
  },
  fw: { kept: [TCA_FW_CLASSID, TCA_FW_INDEV, TCA_FW_MASK], actions: TCA_FW_ACT },
  flow: { actions: TCA_FLOW_ACT },
  cgroup: { kept: [TCA_CGROUP_EMATCHES], actions: TCA_CGROUP_ACT },
};

/** Flags that a user sets; the others tell whether hardware has taken the filter over. */
const SETTABLE = TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW;

function optionsOf(name: string, options: Attributes): Attribute[] {
  const kind = KINDS[name];
  if (!kind) throw new Unkept(name);
  const { kept, statistics, flags, actions } = kind;
  if (name === 'bpf' && !options.has(TCA_BPF_OPS)) throw new Unkept('bpf, with a program of eBPF');
  if (name === 'flow' && options.has(TCA_FLOW_POLICE)) throw new Unkept('flow, with a police of its own');
  return options.entries.flatMap(([type, value]): Attribute[] => {
    if (type === actions) {
      const all = Attributes.parse(value, 'actions').entries;
      return [[type, encodeAttributes(all.map(([order, one]) => [order, actionAsked(one)]))]];
    }
    if (statistics?.includes(type)) return [];
    if (type === flags) {
      const set = (options.u32(type) ?? 0) & SETTABLE;
      return set === 0 ? [] : [[type, u32(set)]];
    }
    if (kept && !kept.includes(type)) throw new Unkept(`${name}, with its attribute ${type}`);
    return [[type, value]];
  });
}

const TAGS: ReadonlySet<number> = new Set([ETH_P_8021Q, ETH_P_8021AD]);
const SECOND_TAG = [TCA_FLOWER_KEY_CVLAN_ID, TCA_FLOWER_KEY_CVLAN_PRIO, TCA_FLOWER_KEY_CVLAN_ETH_TYPE];

/**
 * The keys of a flower filter as in a request. For packets with a tag of VLAN the kernel lists the protocol behind the tag,
 * where a request has that of the tag; of packets with two tags it does not list that of the second one.
 * @param body struct tcmsg of the filter, which has the protocol
 */
function flowerKeys(body: Buffer, options: readonly Attribute[]): Attribute[] {
  if (!TAGS.has(body.readUInt16BE(tcmsg.tcm_info))) return [...options];
  if (options.some(([type]) => SECOND_TAG.includes(type)))
    throw new Unkept('flower, for packets with two tags of VLAN');
  const protocol = body.subarray(tcmsg.tcm_info, tcmsg.tcm_info + 2);
  return [
    [TCA_FLOWER_KEY_ETH_TYPE, protocol],
    ...options.filter(([type]) => type !== TCA_FLOWER_KEY_ETH_TYPE),
  ];
}

function chainOf(body: Buffer): number {
  return Attributes.parse(body.subarray(tcmsg.sizeof), 'filter').u32(TCA_CHAIN) ?? 0;
}

/** Whether a listed message is a priority of the kind fw that has no filters: marks are then handles of classes. */
function isLone(body: Buffer, all: readonly Buffer[]): boolean {
  if (Attributes.parse(body.subarray(tcmsg.sizeof), 'filter').text(TCA_KIND) !== 'fw') return false;
  const key = (one: Buffer) =>
    `${one.readUInt32LE(tcmsg.tcm_parent)} ${one.readUInt32LE(tcmsg.tcm_info)} ${chainOf(one)}`;
  return !all.some((one) => one.readUInt32LE(tcmsg.tcm_handle) !== 0 && key(one) === key(body));
}

/** A listed filter as a request; undefined for the entry of a list of filters itself. */
function asked(body: Buffer): NetlinkObject | undefined {
  const attributes = Attributes.parse(body.subarray(tcmsg.sizeof), 'filter');
  const kind = attributes.text(TCA_KIND) ?? '';
  const chain = attributes.u32(TCA_CHAIN) ?? 0;
  // The numbers of tables in several chains depend on the order of their creation.
  if (chain !== 0 && kind === 'u32') throw new Unkept('u32, in a chain of its own');
  const options = attributes.nested(TCA_OPTIONS);
  if (!options || body.readUInt32LE(tcmsg.tcm_handle) === 0) {
    if (!KINDS[kind]) throw new Unkept(kind);
    return undefined;
  }
  const own = optionsOf(kind, options);
  const content = encodeAttributes([
    [TCA_KIND, attributes.bytes(TCA_KIND) ?? Buffer.alloc(0)],
    ...(chain === 0 ? [] : [[TCA_CHAIN, u32(chain)] as const]),
    [TCA_OPTIONS, encodeAttributes(kind === 'flower' ? flowerKeys(body, own) : own)],
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
 * Filters of a discipline and the chains that they need, as requests.
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
  const listed: Buffer[] = [];
  const chains: NetlinkObject[] = [];
  for (const parent of parents) {
    const header = Buffer.alloc(tcmsg.sizeof);
    header.writeInt32LE(device, tcmsg.tcm_ifindex);
    header.writeUInt32LE(parent, tcmsg.tcm_parent);
    const own = socket
      .dump(routeMessage(RTM_GETTFILTER, 0, header), `filters of device ${device}`)
      .map(({ body }) => body);
    listed.push(...own);
    chains.push(...listChains(socket, header, new Set(own.map(chainOf))));
  }
  try {
    const lone = listed.find((body) => isLone(body, listed));
    if (lone) throw new Unkept('fw, without a mark');
    return [...chains, ...inOrder(listed.flatMap((body) => asked(body) ?? []))];
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

const isFilter = ({ type }: NetlinkObject) => type === RTM_NEWTFILTER;

/** Creates filters, when their disciplines and classes exist. @throws CriuError, NetlinkError */
export function makeFilters(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  makeChains(socket, objects);
  const filters = objects.filter(isFilter);
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
    const made = listFilters(socket, device, parents, () => wrong(device)).filter(isFilter);
    // Tables are listed in the order of their creation.
    const text = (all: readonly NetlinkObject[]) =>
      all
        .map(({ body }) => Buffer.from(body).toString('hex'))
        .sort()
        .join();
    if (text(made) !== text(wanted)) throw wrong(device);
  }
}
