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
import { EINVAL, EPROTONOSUPPORT, NETLINK_NETFILTER } from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';
import type { Namespace } from '../../../views/namespaces.js';
import { openNetlink } from '../../../views/networks.js';

/** NFNL_SUBSYS_IPSET, and the protocol version that all kernels support (<linux/netfilter/ipset/ip_set.h>). */
const [SUBSYSTEM, VERSION] = [6, 6];
const COMMAND = { CREATE: 2, LIST: 7, ADD: 9 } as const;
/** IPSET_ATTR_*: version, name, type, revision and family of a set, creation data, elements, input line number. */
const SET = { PROTOCOL: 1, NAME: 2, KIND: 3, REVISION: 4, FAMILY: 5, DATA: 7, ELEMENTS: 8, LINE: 9 } as const;
/** Attributes in the creation data that only describe the state: number of elements and references, memory. */
const FACTS: ReadonlySet<number> = new Set([24, 25, 26]);
/** Errnos if there is no netfilter netlink, or no IP sets in it. */
const MISSING: readonly number[] = [EPROTONOSUPPORT, EINVAL];
/** The mark mask and the initial hash value, which are listed without NLA_F_NET_BYTEORDER. */
const OWN_ORDER: ReadonlySet<number> = new Set([11, 17]);
/** NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_TYPE_MASK. */
const [NESTED, NET_BYTEORDER, TYPE_MASK] = [0x8000, 0x4000, 0x3fff];
/** Size of struct nfgenmsg. */
const HEADER = 4;

const typeOf = (command: number) => (SUBSYSTEM << 8) | command;

type Change = (type: number, content: Buffer) => Attribute | undefined;

/** Attributes, with types and flags as the kernel has sent them, each converted by `change`. */
function changed(bytes: Buffer, change: Change): Attribute[] {
  const out: Attribute[] = [];
  eachAttribute(bytes, 0, 'set', (_, from, to) => {
    const one = change(bytes.readUInt16LE(from - 2), bytes.subarray(from, to));
    if (one) out.push(one);
  });
  return out;
}

const inOrder: Change = (type, content) => [type | NET_BYTEORDER, content];

/** The kernel lists addresses without NLA_F_NET_BYTEORDER, but requires it in requests. */
const ofElement: Change = (type, content) =>
  type & NESTED ? [type, encodeAttributes(changed(content, inOrder))] : [type, content];

const elements: Change = (type, content) => [type, encodeAttributes(changed(content, ofElement))];

/** Some numbers are listed in host byte order, but required in network byte order. */
const ofSet: Change = (type, content) => {
  if (FACTS.has(type & TYPE_MASK)) return undefined;
  const isOwnOrder = OWN_ORDER.has(type) && content.length === 4;
  return isOwnOrder ? [type | NET_BYTEORDER, Buffer.from(content).swap32()] : ofElement(type, content);
};

function object(command: number, family: number, attributes: readonly Attribute[]): NetlinkObject {
  const { type, body } = netfilterMessage(SUBSYSTEM, command, 0, family, attributes);
  return { type, body: Buffer.from(body) };
}

function listAll(namespace: Namespace): ReceivedMessage[] {
  const version = [SET.PROTOCOL, u8(VERSION)] as const;
  try {
    using socket = openNetlink(NETLINK_NETFILTER, namespace);
    return socket.dump(netfilterMessage(SUBSYSTEM, COMMAND.LIST, 0, 0, [version]), 'list IP sets');
  } catch (error) {
    if (error instanceof SysError && MISSING.includes(error.errno)) return [];
    throw error;
  }
}

/**
 * Sets of a namespace, followed by their elements, since a set may have other sets as elements.
 * @throws NetlinkError
 */
export function listSets(namespace: Namespace): NetlinkObject[] {
  const version = [SET.PROTOCOL, u8(VERSION)] as const;
  const made: NetlinkObject[] = [];
  const filled: NetlinkObject[] = [];
  for (const { body } of listAll(namespace)) {
    const attributes = Attributes.parse(body.subarray(HEADER), 'set');
    const [name, kind, data, list] = [SET.NAME, SET.KIND, SET.DATA, SET.ELEMENTS].map((type) =>
      attributes.bytes(type),
    );
    if (!name) continue;
    const family = attributes.u8(SET.FAMILY) ?? body[0] ?? 0;
    // A set with many elements is sent in several messages, of which the first describes the set.
    if (kind && data)
      made.push(
        object(COMMAND.CREATE, family, [
          version,
          [SET.NAME, name],
          [SET.KIND, kind],
          [SET.REVISION, u8(attributes.u8(SET.REVISION) ?? 0)],
          [SET.FAMILY, u8(family)],
          [SET.DATA | NESTED, encodeAttributes(changed(data, ofSet))],
        ]),
      );
    if (list?.length)
      filled.push(
        object(COMMAND.ADD, family, [
          version,
          [SET.NAME, name],
          [SET.LINE, u32(0)],
          [SET.ELEMENTS | NESTED, encodeAttributes(changed(list, elements))],
        ]),
      );
  }
  return [...made, ...filled];
}

/** Creates the sets in a namespace without any. @throws NetlinkError, SysError */
export function makeSets(netns: number, objects: readonly NetlinkObject[]): void {
  const types = [typeOf(COMMAND.CREATE), typeOf(COMMAND.ADD)];
  const requests = objects
    .filter(({ type }) => types.includes(type))
    .map(({ type, body }): NamedRequest => {
      const name = Attributes.parse(Buffer.from(body.subarray(HEADER)), 'set').text(SET.NAME);
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
