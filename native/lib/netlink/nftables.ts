// nf_tables (<linux/netfilter/nf_tables.h>): tables, sets, chains, rules and their expressions.
import {
  NFNL_SUBSYS_NFTABLES,
  NFPROTO_UNSPEC,
  NFT_CMP_EQ,
  NFT_MSG_DELTABLE,
  NFT_MSG_GETGEN,
  NFT_MSG_GETSETELEM,
  NFT_MSG_GETTABLE,
  NFT_MSG_NEWCHAIN,
  NFT_MSG_NEWRULE,
  NFT_MSG_NEWTABLE,
  NFT_REG_VERDICT,
  NFT_REG32_00,
  NFTA_CHAIN_HOOK,
  NFTA_CHAIN_NAME,
  NFTA_CHAIN_POLICY,
  NFTA_CHAIN_TABLE,
  NFTA_CHAIN_TYPE,
  NFTA_DATA_VALUE,
  NFTA_DATA_VERDICT,
  NFTA_EXPR_DATA,
  NFTA_EXPR_NAME,
  NFTA_GEN_ID,
  NFTA_HOOK_HOOKNUM,
  NFTA_HOOK_PRIORITY,
  NFTA_LIST_ELEM,
  NFTA_RULE_CHAIN,
  NFTA_RULE_EXPRESSIONS,
  NFTA_RULE_TABLE,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_ELEM_LIST_SET,
  NFTA_SET_ELEM_LIST_TABLE,
  NFTA_TABLE_FLAGS,
  NFTA_TABLE_NAME,
  NFTA_VERDICT_CODE,
  NLM_F_APPEND,
  NLM_F_CREATE,
} from '../uapi.generated.js';
import { type Attribute, type Attributes, be32, text } from './attributes.js';
import { encodeMessages, type Message } from './message.js';
import { netfilterAttributes, netfilterMessage, transaction } from './nfnetlink.js';
import type { NetlinkSocket } from './socket.js';

/** A message about tables of a family. */
export function nftMessage(
  type: number,
  flags: number,
  family: number,
  attributes: readonly Attribute[],
): Message {
  return netfilterMessage(NFNL_SUBSYS_NFTABLES, type, flags, family, attributes);
}

// ---- expressions ---------------------------------------------------------------------------------------------------

/** One expression of a rule. */
function expression(name: string, data: readonly Attribute[]): Attribute {
  return [
    NFTA_LIST_ELEM,
    [
      [NFTA_EXPR_NAME, text(name)],
      [NFTA_EXPR_DATA, data],
    ],
  ];
}

/** Loads metadata of a packet (NFT_META) into a register. */
export function meta(key: number, register: number = NFT_REG32_00): Attribute {
  return expression('meta', [
    [1, be32(register)],
    [2, be32(key)],
  ]);
}

/** Continues the rule only if a register has this value. */
export function equals(value: Uint8Array, register: number = NFT_REG32_00): Attribute {
  return expression('cmp', [
    [1, be32(register)],
    [2, be32(NFT_CMP_EQ)],
    [3, [[NFTA_DATA_VALUE, value]]],
  ]);
}

/** Loads bytes of a packet's header (NFT_PAYLOAD) into a register. */
export function payload(register: number, base: number, offset: number, length: number): Attribute {
  return expression('payload', [
    [1, be32(register)],
    [2, be32(base)],
    [3, be32(offset)],
    [4, be32(length)],
  ]);
}

/** Continues the rule only if the value that begins at a register is in a set. */
export function lookup(set: string, register: number = NFT_REG32_00): Attribute {
  return expression('lookup', [
    [1, text(set)],
    [2, be32(register)],
  ]);
}

/** Ends the rule with a verdict (NF_VERDICT). */
export function verdict(code: number): Attribute {
  return expression('immediate', [
    [1, be32(NFT_REG_VERDICT)],
    [2, [[NFTA_DATA_VERDICT, [[NFTA_VERDICT_CODE, be32(code)]]]]],
  ]);
}

// ---- tables and sets -----------------------------------------------------------------------------------------------

export interface NftTable {
  readonly name: string;
  readonly flags: number;
  readonly attributes: Attributes;
}

/** Lists the tables of a family, or of all families with NFPROTO.UNSPEC. @throws NetlinkError */
export function listTables(socket: NetlinkSocket, family: number): NftTable[] {
  return socket
    .dump(nftMessage(NFT_MSG_GETTABLE, 0, family, []), 'list tables of nftables')
    .map((message) => {
      const attributes = netfilterAttributes(message, 'table of nftables');
      return {
        name: attributes.text(NFTA_TABLE_NAME) ?? '',
        flags: attributes.be32(NFTA_TABLE_FLAGS) ?? 0,
        attributes,
      };
    });
}

/** Creates a table unless it exists. */
export function newTable(family: number, name: string): Message {
  return nftMessage(NFT_MSG_NEWTABLE, NLM_F_CREATE, family, [
    [NFTA_TABLE_NAME, text(name)],
    [NFTA_TABLE_FLAGS, be32(0)],
  ]);
}

/** Creates a filter chain of a table at a hook (NF_INET_HOOK) unless it exists. `policy` is a verdict. */
export function newChain(
  family: number,
  table: string,
  name: string,
  { hook, priority, policy }: { readonly hook: number; readonly priority: number; readonly policy: number },
): Message {
  return nftMessage(NFT_MSG_NEWCHAIN, NLM_F_CREATE, family, [
    [NFTA_CHAIN_TABLE, text(table)],
    [NFTA_CHAIN_NAME, text(name)],
    [
      NFTA_CHAIN_HOOK,
      [
        [NFTA_HOOK_HOOKNUM, be32(hook)],
        [NFTA_HOOK_PRIORITY, be32(priority)],
      ],
    ],
    [NFTA_CHAIN_POLICY, be32(policy)],
    [NFTA_CHAIN_TYPE, text('filter')],
  ]);
}

/** Appends a rule to a chain. */
export function newRule(
  family: number,
  table: string,
  chain: string,
  expressions: readonly Attribute[],
): Message {
  return nftMessage(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family, [
    [NFTA_RULE_TABLE, text(table)],
    [NFTA_RULE_CHAIN, text(chain)],
    [NFTA_RULE_EXPRESSIONS, expressions],
  ]);
}

/** Deletes a table with its contents. */
export function deleteTable(family: number, name: string): Message {
  return nftMessage(NFT_MSG_DELTABLE, 0, family, [[NFTA_TABLE_NAME, text(name)]]);
}

/** Adds keys to a set of a table or removes them; `type` is NEWSETELEM or DELSETELEM. */
export function setElements(
  type: number,
  flags: number,
  family: number,
  table: string,
  set: string,
  keys: readonly Uint8Array[],
): Message {
  return nftMessage(type, flags, family, [
    [NFTA_SET_ELEM_LIST_TABLE, text(table)],
    [NFTA_SET_ELEM_LIST_SET, text(set)],
    [
      NFTA_SET_ELEM_LIST_ELEMENTS,
      keys.map((key): Attribute => [NFTA_LIST_ELEM, [[NFTA_SET_ELEM_KEY, [[NFTA_DATA_VALUE, key]]]]]),
    ],
  ]);
}

/** All keys of a set. @throws NetlinkError ENOENT */
export function listElements(socket: NetlinkSocket, family: number, table: string, set: string): Buffer[] {
  const message = nftMessage(NFT_MSG_GETSETELEM, 0, family, [
    [NFTA_SET_ELEM_LIST_TABLE, text(table)],
    [NFTA_SET_ELEM_LIST_SET, text(set)],
  ]);
  return socket.dump(message, `list set ${set} of table ${table} of nftables`).flatMap((answer) => {
    const list = netfilterAttributes(answer, 'set of nftables').nested(NFTA_SET_ELEM_LIST_ELEMENTS);
    return (list?.nestedAll(NFTA_LIST_ELEM) ?? []).flatMap((element) => {
      const key = element.nested(NFTA_SET_ELEM_KEY)?.bytes(NFTA_DATA_VALUE);
      return key ? [key] : [];
    });
  });
}

/** Generation number of the rules, which every change increments. @throws NetlinkError */
export function getGeneration(socket: NetlinkSocket): number {
  const [answer] = socket.request(
    nftMessage(NFT_MSG_GETGEN, 0, NFPROTO_UNSPEC, []),
    'get generation of nftables',
  );
  return (answer && netfilterAttributes(answer, 'generation of nftables').be32(NFTA_GEN_ID)) ?? 0;
}

/** The datagram of a transaction, to be sent without waiting for an answer. */
export function nftDatagram(messages: readonly Message[]): Buffer {
  return encodeMessages(transaction(NFNL_SUBSYS_NFTABLES, messages));
}

/**
 * Makes changes: either all take effect, or none.
 * @param generation see {@link transaction}
 * @throws NetlinkError for the first refused message
 */
export function nftChange(
  socket: NetlinkSocket,
  messages: readonly Message[],
  what: string,
  generation?: number,
): void {
  socket.transact(transaction(NFNL_SUBSYS_NFTABLES, messages, generation), what);
}
