// Routes and rules of a network namespace, as the kernel lists them and as it can be asked for them again.

import {
  Attributes,
  encodeAttributes,
  type Message,
  NetlinkError,
  type NetlinkSocket,
  NLM_F,
  RTA,
  RTM,
  routeMessage,
  ruleHeader,
} from '@criu/native/netlink';
import { EEXIST, EHOSTUNREACH, ENETUNREACH, ESRCH } from '@criu/native/uapi';

const ROUTE_HEADER = 12;
/** rtm_flags in struct rtmsg (linux/rtnetlink.h). */
const ROUTE_FLAGS_AT = 8;
/** struct rtnexthop: its size, and where rtnh_flags is. */
const NEXT_HOP = { size: 8, flags: 2 } as const;
/** RTNH_F_* that the kernel finds out itself and takes from nobody: DEAD, OFFLOAD, LINKDOWN, UNRESOLVED, TRAP. */
const FOUND_OUT = 0x01 | 0x08 | 0x10 | 0x20 | 0x40;

const OF_NEXTHOP: ReadonlySet<number> = new Set([
  RTA.OIF,
  RTA.GATEWAY,
  RTA.MULTIPATH,
  RTA.VIA,
  RTA.ENCAP_TYPE,
  RTA.ENCAP,
]);

/** A route as it can be asked for. */
function routeRequest(body: Uint8Array): Buffer {
  const header = Buffer.from(body.subarray(0, ROUTE_HEADER));
  header.writeUInt32LE((header.readUInt32LE(ROUTE_FLAGS_AT) & ~FOUND_OUT) >>> 0, ROUTE_FLAGS_AT);
  const attributes = Attributes.parse(Buffer.from(body.subarray(ROUTE_HEADER)), 'route');
  // A nexthop object says all of that.
  const kept = attributes.entries.filter(([type]) => !(attributes.has(RTA.NH_ID) && OF_NEXTHOP.has(type)));
  for (const [type, value] of kept)
    if (type === RTA.MULTIPATH)
      for (let at = 0, size = 0; at + NEXT_HOP.size <= value.length; at += (size + 3) & ~3) {
        size = value.readUInt16LE(at);
        if (size < NEXT_HOP.size) break;
        value.writeUInt8(value.readUInt8(at + NEXT_HOP.flags) & ~FOUND_OUT & 0xff, at + NEXT_HOP.flags);
      }
  return Buffer.concat([header, encodeAttributes(kept)]);
}

/** Makes routes, in as many rounds as it takes: one may only be reached by way of another. @throws NetlinkError */
export function makeRoutes(socket: NetlinkSocket, routes: readonly Message[]): void {
  let left = routes.map((route) => ({ ...route, body: routeRequest(route.body) }));
  while (left.length > 0) {
    const failed: typeof left = [];
    let last: unknown;
    for (const { body } of left) {
      try {
        socket.request({ type: RTM.NEWROUTE, flags: NLM_F.CREATE, body }, 'route');
      } catch (error) {
        const errno = error instanceof NetlinkError ? error.errno : 0;
        if (errno === EEXIST) continue;
        if (errno !== ENETUNREACH && errno !== EHOSTUNREACH && errno !== ESRCH) throw error;
        failed.push({ type: RTM.NEWROUTE, flags: 0, body });
        last = error;
      }
    }
    if (failed.length === left.length) throw last;
    left = failed;
  }
}

/** Replaces the rules of the families that there are any of. @throws NetlinkError */
export function makeRules(socket: NetlinkSocket, rules: readonly Message[]): void {
  for (const family of new Set(rules.map(({ body }) => body[0] ?? 0))) {
    const listed = routeMessage(RTM.GETRULE, 0, ruleHeader({ family }));
    for (const { body } of socket.dump(listed, 'list rules'))
      socket.request({ type: RTM.DELRULE, flags: 0, body }, 'remove a rule');
  }
  for (const { body } of rules) socket.request({ type: RTM.NEWRULE, flags: NLM_F.CREATE, body }, 'rule');
}
