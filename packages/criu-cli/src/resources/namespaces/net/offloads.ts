// Device features that users have changed (ethtool(8) -K), such as checksum and segmentation offloads. They are
// identified by name. The defaults depend on the driver, so all changeable features are stored.
import {
  type Attribute,
  Attributes,
  encodeAttributes,
  type Link,
  NetlinkError,
  type NetlinkSocket,
  text,
  u32,
} from '@criu/native/netlink';
import {
  EOPNOTSUPP,
  ETHTOOL_A_BITSET_BIT_NAME,
  ETHTOOL_A_BITSET_BIT_VALUE,
  ETHTOOL_A_BITSET_BITS,
  ETHTOOL_A_BITSET_BITS_BIT,
  ETHTOOL_A_FEATURES_HEADER,
  ETHTOOL_A_FEATURES_HW,
  ETHTOOL_A_FEATURES_WANTED,
  ETHTOOL_A_HEADER_DEV_INDEX,
  ETHTOOL_MSG_FEATURES_GET,
  ETHTOOL_MSG_FEATURES_SET,
  genlmsghdr,
} from '@criu/native/uapi';
import type { NetlinkObject } from '../../../images/types.js';
import { familyOf, genericHeader } from './generic.js';

/**
 * Object type in images for features; rtnetlink types are lower numbers. Its body: device index, and names by state.
 */
const OBJECT = 0x10000;
const [ON, OFF] = [1, 2];

interface Features {
  readonly changeable: ReadonlySet<string>;
  readonly wanted: ReadonlySet<string>;
}

function names(attributes: Attributes, type: number): Set<string> {
  const bits =
    attributes.nested(type)?.nested(ETHTOOL_A_BITSET_BITS)?.nestedAll(ETHTOOL_A_BITSET_BITS_BIT) ?? [];
  return new Set(bits.flatMap((bit) => bit.text(ETHTOOL_A_BITSET_BIT_NAME) ?? []));
}

/** The message type of ethtool; undefined if the kernel does not support it (before Linux 5.7). @throws NetlinkError */
function ethtool(socket: NetlinkSocket): number | undefined {
  try {
    return familyOf(socket, 'ethtool');
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The features of one device, since a list of all would not fit into the kernel's buffer; undefined for a device
 * without features.
 * @throws NetlinkError
 */
function featuresOf(socket: NetlinkSocket, family: number, index: number): Features | undefined {
  const header: Attribute = [ETHTOOL_A_FEATURES_HEADER, [[ETHTOOL_A_HEADER_DEV_INDEX, u32(index)]]];
  const body = Buffer.concat([genericHeader(ETHTOOL_MSG_FEATURES_GET), encodeAttributes([header])]);
  try {
    const [answer] = socket.request({ type: family, flags: 0, body }, `features of device ${index}`);
    if (!answer) return undefined;
    const attributes = Attributes.parse(answer.body.subarray(genlmsghdr.sizeof), 'features');
    return {
      changeable: names(attributes, ETHTOOL_A_FEATURES_HW),
      wanted: names(attributes, ETHTOOL_A_FEATURES_WANTED),
    };
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === EOPNOTSUPP) return undefined;
    throw error;
  }
}

/** @param socket a generic netlink socket in the namespace @throws NetlinkError */
export function listOffloads(socket: NetlinkSocket, links: readonly Pick<Link, 'index'>[]): NetlinkObject[] {
  const family = ethtool(socket);
  if (family === undefined) return [];
  return links.flatMap(({ index }): NetlinkObject[] => {
    const features = featuresOf(socket, family, index);
    if (!features || features.changeable.size === 0) return [];
    const { changeable, wanted } = features;
    const kept = [...changeable].map((name): Attribute => [wanted.has(name) ? ON : OFF, text(name)]);
    return [{ type: OBJECT, body: Buffer.concat([u32(index), encodeAttributes(kept)]) }];
  });
}

/** Changes features that differ; those that a device does not have here are skipped. @throws NetlinkError */
export function makeOffloads(open: () => NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const wanted = objects.filter(({ type }) => type === OBJECT).map(({ body }) => Buffer.from(body));
  if (wanted.length === 0) return;
  using socket = open();
  const family = ethtool(socket);
  if (family === undefined) return;
  const requests = wanted.flatMap((body) => {
    const index = body.readUInt32LE();
    const device = featuresOf(socket, family, index);
    if (!device) return [];
    const asked = Attributes.parse(body.subarray(4), 'features');
    const changed = ([ON, OFF] as const).flatMap((how) =>
      asked
        .all(how)
        .map((name) => name.toString('latin1').replace(/\0.*$/, ''))
        .filter((name) => device.changeable.has(name) && device.wanted.has(name) !== (how === ON))
        .map((name): Attribute => {
          const value: Attribute[] = how === ON ? [[ETHTOOL_A_BITSET_BIT_VALUE, Buffer.alloc(0)]] : [];
          return [ETHTOOL_A_BITSET_BITS_BIT, [[ETHTOOL_A_BITSET_BIT_NAME, text(name)], ...value]];
        }),
    );
    if (changed.length === 0) return [];
    const attributes: Attribute[] = [
      [ETHTOOL_A_FEATURES_HEADER, [[ETHTOOL_A_HEADER_DEV_INDEX, u32(index)]]],
      [ETHTOOL_A_FEATURES_WANTED, [[ETHTOOL_A_BITSET_BITS, changed]]],
    ];
    const message = Buffer.concat([genericHeader(ETHTOOL_MSG_FEATURES_SET), encodeAttributes(attributes)]);
    return [{ type: family, flags: 0, body: message, what: `features of device ${index}` }];
  });
  socket.all(requests);
}
