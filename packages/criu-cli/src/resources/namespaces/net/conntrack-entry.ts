// Converts a listed conntrack entry (<linux/netfilter/nfnetlink_conntrack.h>) into a request that creates it.
import { type Attribute, Attributes, encodeAttributes } from '@criu/native/netlink';
import {
  AF_INET,
  AF_INET6,
  CTA_IP_V4_DST,
  CTA_IP_V4_SRC,
  CTA_IP_V6_DST,
  CTA_IP_V6_SRC,
  CTA_NAT_DST,
  CTA_NAT_PROTO,
  CTA_NAT_SRC,
  CTA_NAT_V4_MAXIP,
  CTA_NAT_V4_MINIP,
  CTA_NAT_V6_MAXIP,
  CTA_NAT_V6_MINIP,
  CTA_PROTO_DST_PORT,
  CTA_PROTO_SRC_PORT,
  CTA_PROTOINFO,
  CTA_PROTOINFO_TCP,
  CTA_PROTOINFO_TCP_FLAGS_ORIGINAL,
  CTA_PROTOINFO_TCP_FLAGS_REPLY,
  CTA_PROTONAT_PORT_MAX,
  CTA_PROTONAT_PORT_MIN,
  CTA_TUPLE_IP,
  CTA_TUPLE_ORIG,
  CTA_TUPLE_PROTO,
  CTA_TUPLE_REPLY,
  IP_CT_TCP_FLAG_BE_LIBERAL,
  nfgenmsg,
} from '@criu/native/uapi';

/** Source and destination: address attributes of each family, and ports. */
const IP4 = { src: CTA_IP_V4_SRC, dst: CTA_IP_V4_DST } as const;
const IP6 = { src: CTA_IP_V6_SRC, dst: CTA_IP_V6_DST } as const;
const PORT = { src: CTA_PROTO_SRC_PORT, dst: CTA_PROTO_DST_PORT } as const;
const NAT4 = { min: CTA_NAT_V4_MINIP, max: CTA_NAT_V4_MAXIP } as const;
const NAT6 = { min: CTA_NAT_V6_MINIP, max: CTA_NAT_V6_MAXIP } as const;
const TCP_FLAGS = [CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, CTA_PROTOINFO_TCP_FLAGS_REPLY] as const;

type Side = 'src' | 'dst';

function bytesOf(attributes: Attributes, type: number): Buffer {
  return attributes.bytes(type) ?? Buffer.alloc(0);
}

/** All attributes of a level, with some replaced. */
function withChanged(attributes: Attributes, changes: ReadonlyMap<number, Attribute[1]>): Attribute[] {
  return attributes.entries.map(([type, content]) => [type, changes.get(type) ?? content]);
}

/** One direction of a connection: its addresses and ports. */
class Tuple {
  readonly ip: Attributes;
  readonly proto: Attributes;

  constructor(
    private readonly all: Attributes,
    private readonly v6: boolean,
  ) {
    this.ip = all.nested(CTA_TUPLE_IP) ?? Attributes.parse(Buffer.alloc(0), 'addresses');
    this.proto = all.nested(CTA_TUPLE_PROTO) ?? Attributes.parse(Buffer.alloc(0), 'ports');
  }

  address(side: Side): Buffer {
    return bytesOf(this.ip, (this.v6 ? IP6 : IP4)[side]);
  }

  port(side: Side): Buffer {
    return bytesOf(this.proto, PORT[side]);
  }

  /** The same with other addresses and ports. */
  with(ends: Record<Side, { address: Buffer; port: Buffer }>): Attribute[] {
    const at = this.v6 ? IP6 : IP4;
    const addresses = new Map([
      [at.src, ends.src.address],
      [at.dst, ends.dst.address],
    ] as [number, Buffer][]);
    const ports = new Map([
      [PORT.src, ends.src.port],
      [PORT.dst, ends.dst.port],
    ] as [number, Buffer][]);
    return withChanged(
      this.all,
      new Map([
        [CTA_TUPLE_IP, withChanged(this.ip, addresses)],
        [CTA_TUPLE_PROTO, withChanged(this.proto, ports)],
      ] as [number, Attribute[]][]),
    );
  }
}

/** The range, of one address and one port, to which a side is translated. */
function translation(v6: boolean, address: Buffer, port: Buffer): Attribute[] {
  const at = v6 ? NAT6 : NAT4;
  const ports: Attribute[] =
    port.length > 0
      ? [
          [
            CTA_NAT_PROTO,
            [
              [CTA_PROTONAT_PORT_MIN, port],
              [CTA_PROTONAT_PORT_MAX, port],
            ],
          ],
        ]
      : [];
  return [[at.min, address], [at.max, address], ...ports];
}

/**
 * The reply direction without translation, and the translations: the kernel takes these from separate attributes, not
 * from a difference between the two directions.
 */
function untranslated(attributes: Attributes, v6: boolean): Map<number, Attribute[1]> {
  const [original, reply] = [attributes.nested(CTA_TUPLE_ORIG), attributes.nested(CTA_TUPLE_REPLY)];
  if (!original || !reply) return new Map();
  const [there, back] = [new Tuple(original, v6), new Tuple(reply, v6)];
  const differs = (side: Side, other: Side) =>
    !there.address(side).equals(back.address(other)) || !there.port(side).equals(back.port(other));
  const changes = new Map<number, Attribute[1]>();
  if (differs('src', 'dst')) changes.set(CTA_NAT_SRC, translation(v6, back.address('dst'), back.port('dst')));
  if (differs('dst', 'src')) changes.set(CTA_NAT_DST, translation(v6, back.address('src'), back.port('src')));
  if (changes.size > 0)
    changes.set(
      CTA_TUPLE_REPLY,
      back.with({
        src: { address: there.address('dst'), port: there.port('dst') },
        dst: { address: there.address('src'), port: there.port('src') },
      }),
    );
  return changes;
}

/** TCP: the kernel has not seen the packets while the connection was away. */
function liberal(attributes: Attributes): Map<number, Attribute[1]> {
  const info = attributes.nested(CTA_PROTOINFO);
  const tcp = info?.nested(CTA_PROTOINFO_TCP);
  if (!info || !tcp) return new Map();
  const flags = new Map<number, Buffer>();
  for (const type of TCP_FLAGS) {
    const now = tcp.bytes(type);
    if (now)
      flags.set(
        type,
        Buffer.from([(now[0] ?? 0) | IP_CT_TCP_FLAG_BE_LIBERAL, (now[1] ?? 0) | IP_CT_TCP_FLAG_BE_LIBERAL]),
      );
  }
  return new Map([[CTA_PROTOINFO, [[CTA_PROTOINFO_TCP, withChanged(tcp, flags)]]]]);
}

/** Converts the body of a kernel message into one that creates the same connection. @throws NetlinkFormatError */
export function asNew(body: Uint8Array): Uint8Array {
  const [family] = body;
  if (family !== AF_INET && family !== AF_INET6) return body;
  const v6 = family === AF_INET6;
  const attributes = Attributes.parse(Buffer.from(body.subarray(nfgenmsg.sizeof)), 'tracked connection');
  const nat = untranslated(attributes, v6);
  const changes = new Map([...nat, ...liberal(attributes)]);
  const added = [CTA_NAT_SRC, CTA_NAT_DST].flatMap((type): Attribute[] => {
    const value = nat.get(type);
    return value ? [[type, value]] : [];
  });
  return Buffer.concat([
    body.subarray(0, nfgenmsg.sizeof),
    encodeAttributes([...withChanged(attributes, changes), ...added]),
  ]);
}
