// IP sets (ipset(8)), which iptables rules refer to. The listed attributes are used to create them again.
import { SysError } from '@criu/native';
import {
  type Attribute,
  Attributes,
  eachAttribute,
  encodeAttributes,
  type NamedRequest,
  NetlinkSocket,
  netfilterMessage,
  type ReceivedMessage,
  u8,
  u32,
} from '@criu/native/netlink';
import {
  EINVAL,
  EPROTONOSUPPORT,
  IPSET_ATTR_ADT,
  IPSET_ATTR_DATA,
  IPSET_ATTR_ELEMENTS,
  IPSET_ATTR_FAMILY,
  IPSET_ATTR_INITVAL,
  IPSET_ATTR_LINENO,
  IPSET_ATTR_MARKMASK,
  IPSET_ATTR_MEMSIZE,
  IPSET_ATTR_PROTOCOL,
  IPSET_ATTR_REFERENCES,
  IPSET_ATTR_REVISION,
  IPSET_ATTR_SETNAME,
  IPSET_ATTR_TYPENAME,
  IPSET_CMD_ADD,
  IPSET_CMD_CREATE,
  IPSET_CMD_LIST,
  NETLINK_NETFILTER,
  NFNL_SUBSYS_IPSET,
  NLA_F_NESTED,
  NLA_F_NET_BYTEORDER,
  NLA_TYPE_MASK,
  nfgenmsg,
  nlattr,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { NetlinkObject } from '../../../images/types.js';
import type { Namespace } from '../../../views/namespaces.js';
import { netlinkIn } from '../../../views/networks.js';

/** NFNL_SUBSYS_IPSET, and the protocol version that all kernels support (<linux/netfilter/ipset/ip_set.h>). */
const [SUBSYSTEM, VERSION] = [NFNL_SUBSYS_IPSET, 6];
/** Attributes in the creation data that only describe the state: number of elements and references, memory. */
const FACTS: ReadonlySet<number> = new Set([IPSET_ATTR_ELEMENTS, IPSET_ATTR_REFERENCES, IPSET_ATTR_MEMSIZE]);
/** Errnos if there is no netfilter netlink, or no IP sets in it. */
const MISSING: readonly number[] = [EPROTONOSUPPORT, EINVAL];
/** The mark mask and the initial hash value, which are listed without NLA_F_NET_BYTEORDER. */
const OWN_ORDER: ReadonlySet<number> = new Set([IPSET_ATTR_MARKMASK, IPSET_ATTR_INITVAL]);

const typeOf = (command: number) => (SUBSYSTEM << 8) | command;

type Change = (type: number, content: Buffer) => Attribute | undefined;

/** Attributes, with types and flags as the kernel has sent them, each converted by `change`. */
function changed(bytes: Buffer, change: Change): Attribute[] {
  const out: Attribute[] = [];
  eachAttribute(bytes, 0, 'set', (_, from, to) => {
    const one = change(bytes.readUInt16LE(from - nlattr.sizeof + nlattr.nla_type), bytes.subarray(from, to));
    if (one) out.push(one);
  });
  return out;
}

const inOrder: Change = (type, content) => [type | NLA_F_NET_BYTEORDER, content];

/** The kernel lists addresses without NLA_F_NET_BYTEORDER, but requires it in requests. */
const ofElement: Change = (type, content) =>
  type & NLA_F_NESTED ? [type, encodeAttributes(changed(content, inOrder))] : [type, content];

const elements: Change = (type, content) => [type, encodeAttributes(changed(content, ofElement))];

/** Some numbers are listed in host byte order, but required in network byte order. */
const ofSet: Change = (type, content) => {
  if (FACTS.has(type & NLA_TYPE_MASK)) return undefined;
  const isOwnOrder = OWN_ORDER.has(type) && content.length === 4;
  return isOwnOrder ? [type | NLA_F_NET_BYTEORDER, Buffer.from(content).swap32()] : ofElement(type, content);
};

function object(command: number, family: number, attributes: readonly Attribute[]): NetlinkObject {
  const { type, body } = netfilterMessage(SUBSYSTEM, command, 0, family, attributes);
  return { type, body: Buffer.from(body) };
}

function listAll(ctx: DumpContext, namespace: Namespace): ReceivedMessage[] {
  const version = [IPSET_ATTR_PROTOCOL, u8(VERSION)] as const;
  try {
    const socket = netlinkIn(ctx, NETLINK_NETFILTER, namespace);
    return socket.dump(netfilterMessage(SUBSYSTEM, IPSET_CMD_LIST, 0, 0, [version]), 'list IP sets');
  } catch (error) {
    if (error instanceof SysError && MISSING.includes(error.errno)) return [];
    throw error;
  }
}

/**
 * Sets of a namespace, followed by their elements, since a set may have other sets as elements.
 * @throws NetlinkError
 */
export function listSets(ctx: DumpContext, namespace: Namespace): NetlinkObject[] {
  const version = [IPSET_ATTR_PROTOCOL, u8(VERSION)] as const;
  const made: NetlinkObject[] = [];
  const filled: NetlinkObject[] = [];
  for (const { body } of listAll(ctx, namespace)) {
    const attributes = Attributes.parse(body.subarray(nfgenmsg.sizeof), 'set');
    const [name, kind, data, list] = [
      IPSET_ATTR_SETNAME,
      IPSET_ATTR_TYPENAME,
      IPSET_ATTR_DATA,
      IPSET_ATTR_ADT,
    ].map((type) => attributes.bytes(type));
    if (!name) continue;
    const family = attributes.u8(IPSET_ATTR_FAMILY) ?? body[nfgenmsg.nfgen_family] ?? 0;
    // A set with many elements is sent in several messages, of which the first describes the set.
    if (kind && data)
      made.push(
        object(IPSET_CMD_CREATE, family, [
          version,
          [IPSET_ATTR_SETNAME, name],
          [IPSET_ATTR_TYPENAME, kind],
          [IPSET_ATTR_REVISION, u8(attributes.u8(IPSET_ATTR_REVISION) ?? 0)],
          [IPSET_ATTR_FAMILY, u8(family)],
          [IPSET_ATTR_DATA | NLA_F_NESTED, encodeAttributes(changed(data, ofSet))],
        ]),
      );
    if (list?.length)
      filled.push(
        object(IPSET_CMD_ADD, family, [
          version,
          [IPSET_ATTR_SETNAME, name],
          [IPSET_ATTR_LINENO, u32(0)],
          [IPSET_ATTR_ADT | NLA_F_NESTED, encodeAttributes(changed(list, elements))],
        ]),
      );
  }
  return [...made, ...filled];
}

/** Creates the sets in a namespace without any. @throws NetlinkError, SysError */
export function makeSets(netns: number, objects: readonly NetlinkObject[]): void {
  const types = [typeOf(IPSET_CMD_CREATE), typeOf(IPSET_CMD_ADD)];
  const requests = objects
    .filter(({ type }) => types.includes(type))
    .map(({ type, body }): NamedRequest => {
      const name = Attributes.parse(Buffer.from(body.subarray(nfgenmsg.sizeof)), 'set').text(
        IPSET_ATTR_SETNAME,
      );
      return {
        type,
        flags: 0,
        body,
        what: type === types[0] ? `IP set ${name}` : `elements of the IP set ${name}`,
      };
    });
  if (requests.length === 0) return;
  using socket = NetlinkSocket.open(NETLINK_NETFILTER, netns);
  socket.all(requests);
}
