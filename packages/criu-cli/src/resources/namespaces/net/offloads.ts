// Device features that users have changed (ethtool(8) -K), such as checksum and segmentation offloads. They are
// identified by name. The defaults depend on the driver, so all changeable features are stored.
import { decodeCString } from '@criu/native';
import {
  type Attribute,
  Attributes,
  eachAttribute,
  encodeAttributes,
  type Link,
  type Message,
  NetlinkError,
  type NetlinkSocket,
  text,
  u32,
} from '@criu/native/netlink';
import {
  ETHTOOL_A_BITSET_BIT_NAME,
  ETHTOOL_A_BITSET_BIT_VALUE,
  ETHTOOL_A_BITSET_BITS,
  ETHTOOL_A_BITSET_BITS_BIT,
  ETHTOOL_A_FEATURES_HEADER,
  ETHTOOL_A_FEATURES_HW,
  ETHTOOL_A_FEATURES_WANTED,
  ETHTOOL_A_HEADER_DEV_INDEX,
  ETHTOOL_A_HEADER_FLAGS,
  ETHTOOL_FLAG_COMPACT_BITSETS,
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

/** Some hundred names for each sort of device: an object for the attributes of each would take longer than the kernel. */
function names(attributes: Attributes, type: number): Set<string> {
  const found = new Set<string>();
  const bits = attributes.nested(type)?.bytes(ETHTOOL_A_BITSET_BITS);
  if (!bits) return found;
  eachAttribute(bits, 0, 'features', (kind, from, to) => {
    if (kind !== ETHTOOL_A_BITSET_BITS_BIT) return;
    const visit = (part: number, start: number, end: number): void => {
      if (part === ETHTOOL_A_BITSET_BIT_NAME) found.add(decodeCString(bits.subarray(start, end)));
    };
    eachAttribute(bits, from, 'feature', visit, to);
  });
  return found;
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

/** The request for features, of one device or (in a list) of all. */
function askFor(family: number, header: readonly Attribute[]): Message {
  const attributes = encodeAttributes([[ETHTOOL_A_FEATURES_HEADER, header]]);
  return {
    type: family,
    flags: 0,
    body: Buffer.concat([genericHeader(ETHTOOL_MSG_FEATURES_GET), attributes]),
  };
}

function featuresOf(socket: NetlinkSocket, family: number, index: number): Features | undefined {
  const request = askFor(family, [[ETHTOOL_A_HEADER_DEV_INDEX, u32(index)]]);
  const [answer] = socket.request(request, `features of device ${index}`);
  if (!answer) return undefined;
  const attributes = Attributes.parse(answer.body.subarray(genlmsghdr.sizeof), 'features');
  return {
    changeable: names(attributes, ETHTOOL_A_FEATURES_HW),
    wanted: names(attributes, ETHTOOL_A_FEATURES_WANTED),
  };
}

/**
 * The features of all devices that have any, by index. The kernel lists them as bits for all devices, since names would
 * not fit into its buffer; it is asked for the names of one device of each sort. Devices that are alike share an object.
 * @throws NetlinkError
 */
function listFeatures(socket: NetlinkSocket, family: number): Map<number, Features> {
  const request = askFor(family, [[ETHTOOL_A_HEADER_FLAGS, u32(ETHTOOL_FLAG_COMPACT_BITSETS)]]);
  const sorts = new Map<string, Features | undefined>();
  const found = new Map<number, Features>();
  for (const { body } of socket.dump(request, 'list features of devices')) {
    const attributes = Attributes.parse(body.subarray(genlmsghdr.sizeof), 'features');
    const index = attributes.nested(ETHTOOL_A_FEATURES_HEADER)?.u32(ETHTOOL_A_HEADER_DEV_INDEX);
    if (index === undefined) continue;
    const bits = [ETHTOOL_A_FEATURES_HW, ETHTOOL_A_FEATURES_WANTED].map((type) =>
      attributes.bytes(type)?.toString('latin1'),
    );
    const sort = bits.join();
    if (!sorts.has(sort)) sorts.set(sort, featuresOf(socket, family, index));
    const features = sorts.get(sort);
    if (features) found.set(index, features);
  }
  return found;
}

/** @param socket a generic netlink socket in the namespace @throws NetlinkError */
export function listOffloads(socket: NetlinkSocket, links: readonly Pick<Link, 'index'>[]): NetlinkObject[] {
  const family = ethtool(socket);
  if (family === undefined) return [];
  const all = listFeatures(socket, family);
  const encoded = new Map<Features, Buffer>();
  return links.flatMap(({ index }): NetlinkObject[] => {
    const features = all.get(index);
    if (!features || features.changeable.size === 0) return [];
    const { changeable, wanted } = features;
    const kept =
      encoded.get(features) ??
      encodeAttributes([...changeable].map((name): Attribute => [wanted.has(name) ? ON : OFF, text(name)]));
    encoded.set(features, kept);
    return [{ type: OBJECT, body: Buffer.concat([u32(index), kept]) }];
  });
}

/** Changes features that differ; those that a device does not have here are skipped. @throws NetlinkError */
export function makeOffloads(open: () => NetlinkSocket, objects: readonly NetlinkObject[]): void {
  const wanted = objects.filter(({ type }) => type === OBJECT).map(({ body }) => Buffer.from(body));
  if (wanted.length === 0) return;
  using socket = open();
  const family = ethtool(socket);
  if (family === undefined) return;
  const all = listFeatures(socket, family);
  const requests = wanted.flatMap((body) => {
    const index = body.readUInt32LE();
    const device = all.get(index);
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
