// Actions of traffic control (tc-actions(8)): those of filters, and those that users have made for filters to come. They are
// created again from the listed attributes, with their numbers.
import {
  type Attribute,
  Attributes,
  encodeAttributes,
  NetlinkError,
  type NetlinkSocket,
  routeMessage,
  text,
  u32,
} from '@criu/native/netlink';
import {
  EOPNOTSUPP,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_GETACTION,
  RTM_NEWACTION,
  TCA_ACT_BPF_OPS,
  TCA_ACT_BPF_PAD,
  TCA_ACT_BPF_PARMS,
  TCA_ACT_BPF_TM,
  TCA_ACT_COOKIE,
  TCA_ACT_FLAG_LARGE_DUMP_ON,
  TCA_ACT_FLAGS,
  TCA_ACT_HW_STATS,
  TCA_ACT_KIND,
  TCA_ACT_OPTIONS,
  TCA_ACT_TAB,
  TCA_CONNMARK_PAD,
  TCA_CONNMARK_PARMS,
  TCA_CONNMARK_TM,
  TCA_CSUM_PAD,
  TCA_CSUM_PARMS,
  TCA_CSUM_TM,
  TCA_CT_PAD,
  TCA_CT_PARMS,
  TCA_CT_TM,
  TCA_CTINFO_ACT,
  TCA_CTINFO_PAD,
  TCA_CTINFO_STATS_CPMARK_SET,
  TCA_CTINFO_STATS_DSCP_ERROR,
  TCA_CTINFO_STATS_DSCP_SET,
  TCA_CTINFO_TM,
  TCA_DEF_PAD,
  TCA_DEF_PARMS,
  TCA_DEF_TM,
  TCA_GACT_PAD,
  TCA_GACT_PARMS,
  TCA_GACT_TM,
  TCA_MIRRED_PAD,
  TCA_MIRRED_PARMS,
  TCA_MIRRED_TM,
  TCA_MPLS_PAD,
  TCA_MPLS_PARMS,
  TCA_MPLS_TM,
  TCA_NAT_PAD,
  TCA_NAT_PARMS,
  TCA_NAT_TM,
  TCA_PEDIT_PAD,
  TCA_PEDIT_PARMS,
  TCA_PEDIT_TM,
  TCA_POLICE_AVRATE,
  TCA_POLICE_PAD,
  TCA_POLICE_PEAKRATE,
  TCA_POLICE_RATE,
  TCA_POLICE_TBF,
  TCA_POLICE_TM,
  TCA_ROOT_FLAGS,
  TCA_SAMPLE_PAD,
  TCA_SAMPLE_PARMS,
  TCA_SAMPLE_TM,
  TCA_SKBEDIT_PAD,
  TCA_SKBEDIT_PARMS,
  TCA_SKBEDIT_TM,
  TCA_SKBMOD_PAD,
  TCA_SKBMOD_PARMS,
  TCA_SKBMOD_TM,
  TCA_TUNNEL_KEY_PAD,
  TCA_TUNNEL_KEY_PARMS,
  TCA_TUNNEL_KEY_TM,
  TCA_VLAN_PAD,
  TCA_VLAN_PARMS,
  TCA_VLAN_TM,
  tc_gact,
  tc_police,
  tc_ratespec,
  tcamsg,
} from '@criu/native/uapi';
import type { CriuError } from '../../../errors.js';
import type { NetlinkObject } from '../../../images/types.js';

/** Places in the structure that each kind begins with (tc_gen), and in that of police. */
interface Head {
  readonly index: number;
  readonly refcnt: number;
  readonly bindcnt: number;
}

/** A kind: the attribute with its structure, and those that tell of its use. All others are settings. */
interface Kind {
  readonly parms: number;
  readonly facts: readonly number[];
  readonly head?: Head;
}

const KINDS: Readonly<Record<string, Kind>> = {
  bpf: { parms: TCA_ACT_BPF_PARMS, facts: [TCA_ACT_BPF_TM, TCA_ACT_BPF_PAD] },
  connmark: { parms: TCA_CONNMARK_PARMS, facts: [TCA_CONNMARK_TM, TCA_CONNMARK_PAD] },
  csum: { parms: TCA_CSUM_PARMS, facts: [TCA_CSUM_TM, TCA_CSUM_PAD] },
  ct: { parms: TCA_CT_PARMS, facts: [TCA_CT_TM, TCA_CT_PAD] },
  ctinfo: {
    parms: TCA_CTINFO_ACT,
    facts: [
      TCA_CTINFO_TM,
      TCA_CTINFO_PAD,
      TCA_CTINFO_STATS_DSCP_SET,
      TCA_CTINFO_STATS_DSCP_ERROR,
      TCA_CTINFO_STATS_CPMARK_SET,
    ],
  },
  gact: { parms: TCA_GACT_PARMS, facts: [TCA_GACT_TM, TCA_GACT_PAD] },
  mirred: { parms: TCA_MIRRED_PARMS, facts: [TCA_MIRRED_TM, TCA_MIRRED_PAD] },
  mpls: { parms: TCA_MPLS_PARMS, facts: [TCA_MPLS_TM, TCA_MPLS_PAD] },
  nat: { parms: TCA_NAT_PARMS, facts: [TCA_NAT_TM, TCA_NAT_PAD] },
  pedit: { parms: TCA_PEDIT_PARMS, facts: [TCA_PEDIT_TM, TCA_PEDIT_PAD] },
  police: { parms: TCA_POLICE_TBF, facts: [TCA_POLICE_TM, TCA_POLICE_PAD], head: tc_police },
  sample: { parms: TCA_SAMPLE_PARMS, facts: [TCA_SAMPLE_TM, TCA_SAMPLE_PAD] },
  simple: { parms: TCA_DEF_PARMS, facts: [TCA_DEF_TM, TCA_DEF_PAD] },
  skbedit: { parms: TCA_SKBEDIT_PARMS, facts: [TCA_SKBEDIT_TM, TCA_SKBEDIT_PAD] },
  skbmod: { parms: TCA_SKBMOD_PARMS, facts: [TCA_SKBMOD_TM, TCA_SKBMOD_PAD] },
  tunnel_key: { parms: TCA_TUNNEL_KEY_PARMS, facts: [TCA_TUNNEL_KEY_TM, TCA_TUNNEL_KEY_PAD] },
  vlan: { parms: TCA_VLAN_PARMS, facts: [TCA_VLAN_TM, TCA_VLAN_PAD] },
};

/** Kinds that are not created again, and are looked for to refuse them. */
const OTHERS = ['gate', 'ife', 'xt'];

const KEPT: ReadonlySet<number> = new Set([TCA_ACT_KIND, TCA_ACT_COOKIE, TCA_ACT_FLAGS, TCA_ACT_HW_STATS]);

/** Why something cannot be created again, for a message: "filters of traffic control (WHAT)". */
export class Unkept extends Error {}

/** Bytes of a table of transmission times (TC_RTAB_SIZE). The kernel requires one for each rate, and does not use it. */
const TABLE_BYTES = 1024;
/** An exponent of the table: it has to be there, too, and the kernel does not tell it. */
const CELL_LOG = 3;

/** Requires tables for the rates of a police. */
function policeTables(police: Buffer): Attribute[] {
  const rates = [
    [TCA_POLICE_RATE, tc_police.rate],
    [TCA_POLICE_PEAKRATE, tc_police.peakrate],
  ] as const;
  return rates.flatMap(([type, at]): Attribute[] => {
    if (police.readUInt32LE(at + tc_ratespec.bytes) === 0) return [];
    police[at + tc_ratespec.cell_log] = CELL_LOG;
    return [[type, Buffer.alloc(TABLE_BYTES)]];
  });
}

/** A listed action as in a request. @throws Unkept */
export function actionAsked(bytes: Buffer): Attribute[] {
  const listed = Attributes.parse(bytes, 'action');
  const name = listed.text(TCA_ACT_KIND) ?? '';
  const kind = KINDS[name];
  if (!kind) throw new Unkept(`action ${name}`);
  const { parms, facts, head = tc_gact } = kind;
  const all = listed.nested(TCA_ACT_OPTIONS);
  if (name === 'bpf' && !all?.has(TCA_ACT_BPF_OPS)) throw new Unkept('action bpf, with a program of eBPF');
  if (name === 'police' && all?.has(TCA_POLICE_AVRATE))
    throw new Unkept('action police, with an average rate');
  const options = (all?.entries ?? [])
    .filter(([type]) => !facts.includes(type))
    .flatMap(([type, value]): Attribute[] => {
      const copy = Buffer.from(value);
      if (type !== parms) return [[type, copy]];
      // The numbers of those that use the action.
      copy.writeInt32LE(0, head.refcnt);
      copy.writeInt32LE(0, head.bindcnt);
      return [[type, copy], ...(name === 'police' ? policeTables(copy) : [])];
    });
  return [...listed.entries.filter(([type]) => KEPT.has(type)), [TCA_ACT_OPTIONS, options]];
}

/** Whether someone beside filters holds a listed action: a user, who has made it before any filter. */
function isHeld(bytes: Buffer, { parms, head = tc_gact }: Kind): boolean {
  const parameters = Attributes.parse(bytes, 'action').nested(TCA_ACT_OPTIONS)?.bytes(parms);
  return !parameters || parameters.readInt32LE(head.refcnt) > parameters.readInt32LE(head.bindcnt);
}

function actionsOf(socket: NetlinkSocket, kind: string): Buffer[] {
  const large = Buffer.concat([u32(TCA_ACT_FLAG_LARGE_DUMP_ON), u32(TCA_ACT_FLAG_LARGE_DUMP_ON)]);
  const request = routeMessage(RTM_GETACTION, 0, Buffer.alloc(tcamsg.sizeof), [
    [TCA_ACT_TAB, [[1, [[TCA_ACT_KIND, text(kind)]]]]],
    [TCA_ROOT_FLAGS, large],
  ]);
  return socket.dump(request, `list actions ${kind}`).flatMap(({ body }) => {
    const table = Attributes.parse(body.subarray(tcamsg.sizeof), 'actions').nested(TCA_ACT_TAB);
    return table?.entries.map(([, action]) => action) ?? [];
  });
}

/**
 * Actions of a namespace that stay without filters, as requests.
 * @param refuse makes the error for what cannot be restored
 * @throws NetlinkError, CriuError
 */
export function listActions(socket: NetlinkSocket, refuse: (what: string) => CriuError): NetlinkObject[] {
  try {
    for (const kind of OTHERS) if (actionsOf(socket, kind).length > 0) throw new Unkept(`action ${kind}`);
    return Object.entries(KINDS).flatMap(([name, kind]) =>
      actionsOf(socket, name)
        .filter((action) => isHeld(action, kind))
        .map((action) => ({
          type: RTM_NEWACTION,
          body: Buffer.concat([
            Buffer.alloc(tcamsg.sizeof),
            encodeAttributes([[TCA_ACT_TAB, [[1, actionAsked(action)]]]]),
          ]),
        })),
    );
  } catch (error) {
    // A kernel without actions.
    if (error instanceof NetlinkError && error.errno === EOPNOTSUPP) return [];
    throw error instanceof Unkept ? refuse(error.message) : error;
  }
}

/** The kind of a requested action, for messages. */
function kindOf({ body }: NetlinkObject): string {
  const table = Attributes.parse(Buffer.from(body).subarray(tcamsg.sizeof), 'actions').nested(TCA_ACT_TAB);
  return table?.nested(1)?.text(TCA_ACT_KIND) ?? '';
}

/** Creates actions for filters to come, and for those that refer to them. @throws NetlinkError */
export function makeActions(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const actions = objects.filter(({ type }) => type === RTM_NEWACTION);
  const flags = NLM_F_CREATE | NLM_F_EXCL;
  socket.all(actions.map((one) => ({ ...one, flags, what: `action ${kindOf(one)} of traffic control` })));
}
