// Endpoints and limits of MPTCP (ip-mptcp(8)) of a network namespace.
import { Attributes, encodeAttributes, NetlinkSocket, u32 } from '@criu/native/netlink';
import {
  genlmsghdr,
  MPTCP_PM_ADDR_ATTR_FLAGS,
  MPTCP_PM_ADDR_FLAG_IMPLICIT,
  MPTCP_PM_ATTR_ADDR,
  MPTCP_PM_ATTR_RCV_ADD_ADDRS,
  MPTCP_PM_ATTR_SUBFLOWS,
  MPTCP_PM_CMD_ADD_ADDR,
  MPTCP_PM_CMD_GET_ADDR,
  MPTCP_PM_CMD_GET_LIMITS,
  MPTCP_PM_CMD_SET_LIMITS,
  NETLINK_GENERIC,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { NetlinkObject } from '../../../images/types.js';
import type { Namespace } from '../../../views/namespaces.js';
import { netlinkIn } from '../../../views/networks.js';
import { familyOf, genericHeader } from './generic.js';
import { ask } from './refused.js';

/** Object type in images; netlink types are lower numbers. The body: a command, and attributes. */
const OBJECT = 0x10003;
const FAMILY = 'mptcp_pm';
/** Limits of a new namespace: addresses that are accepted, and subflows. */
const USUAL = { accepted: 0, subflows: 2 } as const;

function object(command: number, attributes: Uint8Array): NetlinkObject {
  return { type: OBJECT, body: Buffer.concat([u32(command), attributes]) };
}

function isImplicit(endpoint: Attributes): boolean {
  const flags = endpoint.nested(MPTCP_PM_ATTR_ADDR)?.u32(MPTCP_PM_ADDR_ATTR_FLAGS) ?? 0;
  return (flags & MPTCP_PM_ADDR_FLAG_IMPLICIT) !== 0;
}

/** Endpoints that users have added, and limits that they have changed. @throws CriuError */
export function listMptcp(ctx: DumpContext, namespace: Namespace): readonly NetlinkObject[] {
  return ask('endpoints of MPTCP', () => {
    const socket = netlinkIn(ctx, NETLINK_GENERIC, namespace);
    const type = familyOf(socket, FAMILY);
    if (type === undefined) return [];
    const request = (command: number) => ({ type, flags: 0, body: genericHeader(command) });
    const contents = (body: Buffer) => Attributes.parse(body.subarray(genlmsghdr.sizeof), 'MPTCP');
    const [answer] = socket.request(request(MPTCP_PM_CMD_GET_LIMITS), 'limits of MPTCP');
    const limits = answer && contents(answer.body);
    const usual =
      !limits ||
      (limits.u32(MPTCP_PM_ATTR_RCV_ADD_ADDRS) === USUAL.accepted &&
        limits.u32(MPTCP_PM_ATTR_SUBFLOWS) === USUAL.subflows);
    const endpoints = socket
      .dump(request(MPTCP_PM_CMD_GET_ADDR), 'list MPTCP endpoints')
      .map(({ body }) => contents(body));
    return [
      ...(usual ? [] : [object(MPTCP_PM_CMD_SET_LIMITS, encodeAttributes(limits.entries))]),
      ...endpoints
        .filter((one) => !isImplicit(one))
        .map(({ entries }) => object(MPTCP_PM_CMD_ADD_ADDR, encodeAttributes(nested(entries)))),
    ];
  });
}

/** The address is a nested attribute, which the kernel lists without that mark and requires with it. */
function nested(entries: readonly (readonly [number, Buffer])[]) {
  return entries.map(
    ([type, value]) =>
      [type, type === MPTCP_PM_ATTR_ADDR ? Attributes.parse(value, 'endpoint').entries : value] as const,
  );
}

/** Restores them through a descriptor of the namespace, when addresses are there. @throws NetlinkError, SysError */
export function makeMptcp(netns: number, objects: readonly NetlinkObject[]): void {
  const wanted = objects.filter(({ type }) => type === OBJECT).map(({ body }) => Buffer.from(body));
  if (wanted.length === 0) return;
  using socket = NetlinkSocket.open(NETLINK_GENERIC, netns);
  const type = familyOf(socket, FAMILY);
  if (type === undefined) return;
  socket.all(
    wanted.map((body) => ({
      type,
      flags: 0,
      body: Buffer.concat([genericHeader(body.readUInt32LE()), body.subarray(4)]),
      what: 'endpoint of MPTCP',
    })),
  );
}
