// Bridge ports: settings (bridge-link(8)) and permanent multicast group entries (bridge mdb).
import {
  type Attribute,
  Attributes,
  encodeAttributes,
  type Link,
  linkHeader,
  type NetlinkSocket,
  routeMessage,
} from '@criu/native/netlink';
import {
  AF_BRIDGE,
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  br_mdb_entry,
  br_port_msg,
  IFLA_BRPORT_STATE,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINKINFO,
  ifinfomsg,
  MDB_PERMANENT,
  MDBA_MDB,
  MDBA_MDB_ENTRY,
  MDBA_MDB_ENTRY_INFO,
  MDBA_SET_ENTRY,
  NLM_F_CREATE,
  RTM_GETMDB,
  RTM_NEWLINK,
  RTM_NEWMDB,
} from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';
import { listKnown } from './lists.js';

/**
 * IFLA_BRPORT_* that can be set: priority, cost, hairpin, guard, root block, fast leave, learning, flood, proxy ARP,
 * proxy ARP for wireless networks, multicast router, flooding of multicast, multicast to unicast, flooding of
 * broadcasts, forwarded groups, neighbour suppression, isolated, limit of hosts, locked. VLAN tunnels and backup ports
 * need objects that are not restored.
 */
const SETTABLE: ReadonlySet<number> = new Set([
  2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 25, 27, 28, 30, 31, 32, 33, 37, 39,
]);
/** What ports without a carrier, and all others, have by themselves. */
const OWN_STATES: ReadonlySet<number> = new Set([BR_STATE_DISABLED, BR_STATE_FORWARDING]);

function portOf({ index, attributes }: Link): NetlinkObject[] {
  const info = attributes.nested(IFLA_LINKINFO);
  const data = info?.nested(IFLA_INFO_SLAVE_DATA);
  if (!data || info?.text(IFLA_INFO_SLAVE_KIND) !== 'bridge') return [];
  const state = data.u8(IFLA_BRPORT_STATE) ?? 0;
  const message = (kept: readonly Attribute[]): NetlinkObject => {
    const port: Attribute[] = [
      [IFLA_INFO_SLAVE_KIND, Buffer.from('bridge\0')],
      [IFLA_INFO_SLAVE_DATA, kept],
    ];
    const { body } = routeMessage(RTM_NEWLINK, 0, linkHeader({ index }), [[IFLA_LINKINFO, port]]);
    return { type: RTM_NEWLINK, body: Buffer.from(body) };
  };
  return [
    message(data.entries.filter(([type]) => SETTABLE.has(type))),
    ...(OWN_STATES.has(state) ? [] : [message([[IFLA_BRPORT_STATE, Buffer.of(state)]])]),
  ];
}

/** The permanent groups of all bridges of a namespace. */
function groupsOf(socket: NetlinkSocket): NetlinkObject[] {
  const header = Buffer.alloc(br_port_msg.sizeof);
  header[br_port_msg.family] = AF_BRIDGE;
  return listKnown(socket, RTM_GETMDB, header, 'multicast groups').flatMap((body) => {
    const to = Buffer.from(body.subarray(0, br_port_msg.sizeof));
    // The kernel leaves the family out of its messages, but requires it in requests.
    to[br_port_msg.family] = AF_BRIDGE;
    const lists = Attributes.parse(body.subarray(br_port_msg.sizeof), 'groups').nestedAll(MDBA_MDB);
    const entries = lists
      .flatMap((list) => list.nestedAll(MDBA_MDB_ENTRY))
      .flatMap((entry) =>
        entry.all(MDBA_MDB_ENTRY_INFO).map((bytes) => bytes.subarray(0, br_mdb_entry.sizeof)),
      );
    return entries
      .filter((entry) => entry[br_mdb_entry.state] === MDB_PERMANENT)
      .map((entry) => ({
        type: RTM_NEWMDB,
        body: Buffer.concat([to, encodeAttributes([[MDBA_SET_ENTRY, entry]])]),
      }));
  });
}

/** The settings of bridge ports. @throws NetlinkError */
export function listPorts(socket: NetlinkSocket, links: readonly Link[]): NetlinkObject[] {
  const bridges = links.some(({ kind }) => kind === 'bridge');
  return [...links.flatMap(portOf), ...(bridges ? groupsOf(socket) : [])];
}

/** Restores the settings, when devices are ports and up. @throws NetlinkError */
export function makePorts(socket: NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const ports = objects.filter(({ type }) => type === RTM_NEWLINK);
  const groups = objects.filter(({ type }) => type === RTM_NEWMDB);
  const name = ({ type, body }: NetlinkObject) =>
    `${type === RTM_NEWLINK ? 'port of a bridge, device' : 'multicast group of bridge'} ${Buffer.from(body).readInt32LE(type === RTM_NEWLINK ? ifinfomsg.ifi_index : br_port_msg.ifindex)}`;
  const outcomes = socket.each([
    ...ports.map((one) => ({ ...one, flags: 0, what: name(one) })),
    ...groups.map((one) => ({ ...one, flags: NLM_F_CREATE, what: name(one) })),
  ]);
  // With spanning tree in the kernel, or without a carrier, the state of a port is determined by that.
  const taken: ReadonlySet<string> = new Set(['EEXIST', 'EBUSY', 'ENETDOWN']);
  const failed = outcomes.find((error) => error && !taken.has(error.code));
  if (failed) throw failed;
}
