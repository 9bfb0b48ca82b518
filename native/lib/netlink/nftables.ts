// nf_tables (<linux/netfilter/nf_tables.h>): tables, sets, chains, rules and what rules are made of.
import { type Attribute, type Attributes, be32, text } from './attributes.js';
import { encodeMessages, type Message, NLM_F } from './message.js';
import { NFNL_SUBSYS, netfilterAttributes, netfilterMessage, transaction } from './nfnetlink.js';
import type { NetlinkSocket } from './socket.js';

export const NFT_MSG = {
  NEWTABLE: 0,
  GETTABLE: 1,
  DELTABLE: 2,
  NEWCHAIN: 3,
  GETCHAIN: 4,
  DELCHAIN: 5,
  NEWRULE: 6,
  GETRULE: 7,
  DELRULE: 8,
  NEWSET: 9,
  GETSET: 10,
  DELSET: 11,
  NEWSETELEM: 12,
  GETSETELEM: 13,
  DELSETELEM: 14,
  NEWGEN: 15,
  GETGEN: 16,
} as const;

/** Families of tables (<linux/netfilter.h>); INET is IPv4 and IPv6. */
export const NFPROTO = { UNSPEC: 0, INET: 1, IPV4: 2, ARP: 3, NETDEV: 5, BRIDGE: 7, IPV6: 10 } as const;
export const NF_INET_HOOK = {
  PRE_ROUTING: 0,
  LOCAL_IN: 1,
  FORWARD: 2,
  LOCAL_OUT: 3,
  POST_ROUTING: 4,
} as const;
export const NF_VERDICT = { DROP: 0, ACCEPT: 1 } as const;

export const NFTA_TABLE = { NAME: 1, FLAGS: 2, USE: 3, HANDLE: 4 } as const;
export const NFTA_CHAIN = { TABLE: 1, HANDLE: 2, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const;
export const NFTA_HOOK = { HOOKNUM: 1, PRIORITY: 2 } as const;
export const NFTA_RULE = { TABLE: 1, CHAIN: 2, HANDLE: 3, EXPRESSIONS: 4 } as const;
export const NFTA_SET = { TABLE: 1, NAME: 2, FLAGS: 3, KEY_TYPE: 4, KEY_LEN: 5, ID: 10 } as const;
export const NFTA_SET_ELEM_LIST = { TABLE: 1, SET: 2, ELEMENTS: 3 } as const;
const NFTA_LIST_ELEM = 1;
const NFTA_SET_ELEM_KEY = 1;
const NFTA_DATA = { VALUE: 1, VERDICT: 2 } as const;
const NFTA_VERDICT_CODE = 1;
const NFTA_EXPR = { NAME: 1, DATA: 2 } as const;
const NFTA_GEN_ID = 1;

/** The verdict, and the first of the registers of four bytes; wider values take several. */
export const NFT_REG = { VERDICT: 0, FIRST: 8 } as const;
export const NFT_META = { MARK: 3, NFPROTO: 15, L4PROTO: 16 } as const;
export const NFT_PAYLOAD = { NETWORK_HEADER: 1, TRANSPORT_HEADER: 2 } as const;
const NFT_CMP_EQ = 0;

/** A message about tables of a family. */
export function nftMessage(
  type: number,
  flags: number,
  family: number,
  attributes: readonly Attribute[],
): Message {
  return netfilterMessage(NFNL_SUBSYS.NFTABLES, type, flags, family, attributes);
}

// ---- expressions ---------------------------------------------------------------------------------------------------

/** One expression of a rule. */
function expression(name: string, data: readonly Attribute[]): Attribute {
  return [
    NFTA_LIST_ELEM,
    [
      [NFTA_EXPR.NAME, text(name)],
      [NFTA_EXPR.DATA, data],
    ],
  ];
}

/** Loads what the kernel knows of a packet (NFT_META). */
export function meta(key: number, register: number = NFT_REG.FIRST): Attribute {
  return expression('meta', [
    [1, be32(register)],
    [2, be32(key)],
  ]);
}

/** Goes on if a register has a value. */
export function equals(value: Uint8Array, register: number = NFT_REG.FIRST): Attribute {
  return expression('cmp', [
    [1, be32(register)],
    [2, be32(NFT_CMP_EQ)],
    [3, [[NFTA_DATA.VALUE, value]]],
  ]);
}

/** Loads bytes of a packet's header (NFT_PAYLOAD). */
export function payload(register: number, base: number, offset: number, length: number): Attribute {
  return expression('payload', [
    [1, be32(register)],
    [2, be32(base)],
    [3, be32(offset)],
    [4, be32(length)],
  ]);
}

/** Goes on if what begins at a register is in a set. */
export function lookup(set: string, register: number = NFT_REG.FIRST): Attribute {
  return expression('lookup', [
    [1, text(set)],
    [2, be32(register)],
  ]);
}

/** Ends with a verdict (NF_VERDICT). */
export function verdict(code: number): Attribute {
  return expression('immediate', [
    [1, be32(NFT_REG.VERDICT)],
    [2, [[NFTA_DATA.VERDICT, [[NFTA_VERDICT_CODE, be32(code)]]]]],
  ]);
}

// ---- tables and sets -----------------------------------------------------------------------------------------------

export interface NftTable {
  readonly name: string;
  readonly flags: number;
  readonly attributes: Attributes;
}

/** All tables of a family, or of all with NFPROTO.UNSPEC. @throws NetlinkError */
export function listTables(socket: NetlinkSocket, family: number): NftTable[] {
  return socket
    .dump(nftMessage(NFT_MSG.GETTABLE, 0, family, []), 'list tables of nftables')
    .map((message) => {
      const attributes = netfilterAttributes(message, 'table of nftables');
      return {
        name: attributes.text(NFTA_TABLE.NAME) ?? '',
        flags: attributes.be32(NFTA_TABLE.FLAGS) ?? 0,
        attributes,
      };
    });
}

/** Makes a table, unless it is there. */
export function newTable(family: number, name: string): Message {
  return nftMessage(NFT_MSG.NEWTABLE, NLM_F.CREATE, family, [
    [NFTA_TABLE.NAME, text(name)],
    [NFTA_TABLE.FLAGS, be32(0)],
  ]);
}

/** Makes a chain of a table that filters at a hook (NF_INET_HOOK), unless it is there; `policy` is a verdict. */
export function newChain(
  family: number,
  table: string,
  name: string,
  { hook, priority, policy }: { readonly hook: number; readonly priority: number; readonly policy: number },
): Message {
  return nftMessage(NFT_MSG.NEWCHAIN, NLM_F.CREATE, family, [
    [NFTA_CHAIN.TABLE, text(table)],
    [NFTA_CHAIN.NAME, text(name)],
    [
      NFTA_CHAIN.HOOK,
      [
        [NFTA_HOOK.HOOKNUM, be32(hook)],
        [NFTA_HOOK.PRIORITY, be32(priority)],
      ],
    ],
    [NFTA_CHAIN.POLICY, be32(policy)],
    [NFTA_CHAIN.TYPE, text('filter')],
  ]);
}

/** Adds a rule at the end of a chain. */
export function newRule(
  family: number,
  table: string,
  chain: string,
  expressions: readonly Attribute[],
): Message {
  return nftMessage(NFT_MSG.NEWRULE, NLM_F.CREATE | NLM_F.APPEND, family, [
    [NFTA_RULE.TABLE, text(table)],
    [NFTA_RULE.CHAIN, text(chain)],
    [NFTA_RULE.EXPRESSIONS, expressions],
  ]);
}

/** Removes a table with all that is in it. */
export function deleteTable(family: number, name: string): Message {
  return nftMessage(NFT_MSG.DELTABLE, 0, family, [[NFTA_TABLE.NAME, text(name)]]);
}

/** Adds keys to a set of a table, or removes them; `type` is NEWSETELEM or DELSETELEM. */
export function setElements(
  type: number,
  flags: number,
  family: number,
  table: string,
  set: string,
  keys: readonly Uint8Array[],
): Message {
  return nftMessage(type, flags, family, [
    [NFTA_SET_ELEM_LIST.TABLE, text(table)],
    [NFTA_SET_ELEM_LIST.SET, text(set)],
    [
      NFTA_SET_ELEM_LIST.ELEMENTS,
      keys.map((key): Attribute => [NFTA_LIST_ELEM, [[NFTA_SET_ELEM_KEY, [[NFTA_DATA.VALUE, key]]]]]),
    ],
  ]);
}

/** All keys of a set. @throws NetlinkError ENOENT */
export function listElements(socket: NetlinkSocket, family: number, table: string, set: string): Buffer[] {
  const message = nftMessage(NFT_MSG.GETSETELEM, 0, family, [
    [NFTA_SET_ELEM_LIST.TABLE, text(table)],
    [NFTA_SET_ELEM_LIST.SET, text(set)],
  ]);
  return socket.dump(message, `list set ${set} of table ${table} of nftables`).flatMap((answer) => {
    const list = netfilterAttributes(answer, 'set of nftables').nested(NFTA_SET_ELEM_LIST.ELEMENTS);
    return (list?.nestedAll(NFTA_LIST_ELEM) ?? []).flatMap((element) => {
      const key = element.nested(NFTA_SET_ELEM_KEY)?.bytes(NFTA_DATA.VALUE);
      return key ? [key] : [];
    });
  });
}

/** Number of the rules' present generation: each change of any makes a new one. @throws NetlinkError */
export function getGeneration(socket: NetlinkSocket): number {
  const [answer] = socket.request(
    nftMessage(NFT_MSG.GETGEN, 0, NFPROTO.UNSPEC, []),
    'get generation of nftables',
  );
  return (answer && netfilterAttributes(answer, 'generation of nftables').be32(NFTA_GEN_ID)) ?? 0;
}

/** The datagram of a transaction, for whoever sends it without waiting for an answer. */
export function nftDatagram(messages: readonly Message[]): Buffer {
  return encodeMessages(transaction(NFNL_SUBSYS.NFTABLES, messages));
}

/**
 * Makes changes, all or none.
 * @param generation see {@link transaction}
 * @throws NetlinkError of the first that is refused
 */
export function nftChange(
  socket: NetlinkSocket,
  messages: readonly Message[],
  what: string,
  generation?: number,
): void {
  socket.transact(transaction(NFNL_SUBSYS.NFTABLES, messages, generation), what);
}
