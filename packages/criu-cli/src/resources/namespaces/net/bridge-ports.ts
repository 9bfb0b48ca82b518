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
import { IFLA_LINKINFO, NLM_F_CREATE, RTM_NEWLINK } from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';
import { listKnown } from './lists.js';

/** Requests for multicast groups of <linux/rtnetlink.h>. */
const RTM_NEWMDB = 84;
const RTM_GETMDB = 86;
const AF_BRIDGE = 7;

/** IFLA_INFO_SLAVE_KIND and IFLA_INFO_SLAVE_DATA of <linux/if_link.h>. */
const SLAVE = { KIND: 4, DATA: 5 } as const;
/** IFLA_BRPORT_STATE: the state of the spanning tree protocol. */
const PORT_STATE = 1;
/**
 * IFLA_BRPORT_* that can be set: priority, cost, hairpin, guard, root block, fast leave, learning, flood, proxy ARP,
 * proxy ARP for wireless networks, multicast router, flooding of multicast, multicast to unicast, flooding of
 * broadcasts, forwarded groups, neighbour suppression, isolated, limit of hosts, locked. VLAN tunnels and backup ports
 * need objects that are not restored.
 */
const SETTABLE: ReadonlySet<number> = new Set([
  2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 25, 27, 28, 30, 31, 32, 33, 37, 39,
]);
/** BR_STATE_DISABLED and BR_STATE_FORWARDING: the automatic states of ports without and with a carrier. */
const OWN_STATES: ReadonlySet<number> = new Set([0, 3]);

/** struct br_port_msg: a family and the index of the bridge. */
const BRIDGE_AT = 4;
const PORT_MESSAGE = 8;
/** MDBA_MDB, MDBA_MDB_ENTRY, MDBA_MDB_ENTRY_INFO, MDBA_SET_ENTRY of <linux/if_bridge.h>. */
const [MDBA_MDB, MDBA_MDB_ENTRY, MDBA_MDB_ENTRY_INFO, MDBA_SET_ENTRY] = [1, 1, 1, 1];
/** struct br_mdb_entry: its size, the offset of the state, and the state of a permanent entry. */
const GROUP = { size: 28, state: 4, permanent: 1 } as const;

function portOf({ index, attributes }: Link): NetlinkObject[] {
  const info = attributes.nested(IFLA_LINKINFO);
  const data = info?.nested(SLAVE.DATA);
  if (!data || info?.text(SLAVE.KIND) !== 'bridge') return [];
  const state = data.u8(PORT_STATE) ?? 0;
  const message = (kept: readonly Attribute[]): NetlinkObject => {
    const port: Attribute[] = [
      [SLAVE.KIND, Buffer.from('bridge\0')],
      [SLAVE.DATA, kept],
    ];
    const { body } = routeMessage(RTM_NEWLINK, 0, linkHeader({ index }), [[IFLA_LINKINFO, port]]);
    return { type: RTM_NEWLINK, body: Buffer.from(body) };
  };
  return [
    message(data.entries.filter(([type]) => SETTABLE.has(type))),
    ...(OWN_STATES.has(state) ? [] : [message([[PORT_STATE, Buffer.of(state)]])]),
  ];
}

/** The permanent groups of all bridges of a namespace. */
function groupsOf(socket: NetlinkSocket): NetlinkObject[] {
  const header = Buffer.alloc(PORT_MESSAGE);
  header[0] = AF_BRIDGE;
  return listKnown(socket, RTM_GETMDB, header, 'multicast groups').flatMap((body) => {
    const to = Buffer.from(body.subarray(0, PORT_MESSAGE));
    // The kernel leaves the family out of its messages, but requires it in requests.
    to[0] = AF_BRIDGE;
    const lists = Attributes.parse(body.subarray(PORT_MESSAGE), 'groups').nestedAll(MDBA_MDB);
    const entries = lists
      .flatMap((list) => list.nestedAll(MDBA_MDB_ENTRY))
      .flatMap((entry) => entry.all(MDBA_MDB_ENTRY_INFO).map((bytes) => bytes.subarray(0, GROUP.size)));
    return entries
      .filter((entry) => entry[GROUP.state] === GROUP.permanent)
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
    `${type === RTM_NEWLINK ? 'port of a bridge, device' : 'multicast group of bridge'} ${Buffer.from(body).readInt32LE(BRIDGE_AT)}`;
  const outcomes = socket.each([
    ...ports.map((one) => ({ ...one, flags: 0, what: name(one) })),
    ...groups.map((one) => ({ ...one, flags: NLM_F_CREATE, what: name(one) })),
  ]);
  // With spanning tree in the kernel, or without a carrier, the state of a port is determined by that.
  const taken: ReadonlySet<string> = new Set(['EEXIST', 'EBUSY', 'ENETDOWN']);
  const failed = outcomes.find((error) => error && !taken.has(error.code));
  if (failed) throw failed;
}
