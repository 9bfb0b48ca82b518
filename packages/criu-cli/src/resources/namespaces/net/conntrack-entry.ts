// Converts a listed conntrack entry (<linux/netfilter/nfnetlink_conntrack.h>) into a request that creates it.
import { type Attribute, Attributes, encodeAttributes } from '@criu/native/netlink';

/** Size of struct nfgenmsg. */
const HEADER = 4;
const AF = { INET: 2, INET6: 10 } as const;
const CTA = { ORIGINAL: 1, REPLY: 2, PROTOINFO: 4, NAT_SRC: 6, NAT_DST: 13 } as const;
const TUPLE = { IP: 1, PROTO: 2 } as const;
/** Source and destination: address attributes of each family, and ports. */
const IP4 = { src: 1, dst: 2 } as const;
const IP6 = { src: 3, dst: 4 } as const;
const PORT = { src: 2, dst: 3 } as const;
const NAT = { PROTO: 3 } as const;
const NAT4 = { min: 1, max: 2 } as const;
const NAT6 = { min: 4, max: 5 } as const;
const NAT_PORT = { min: 1, max: 2 } as const;
const PROTOINFO_TCP = 1;
const TCP_FLAGS: readonly number[] = [4 /* original */, 5 /* reply */];
/** IP_CT_TCP_FLAG_BE_LIBERAL: sequence numbers outside of the window are accepted. */
const BE_LIBERAL = 0x08;

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
    this.ip = all.nested(TUPLE.IP) ?? Attributes.parse(Buffer.alloc(0), 'addresses');
    this.proto = all.nested(TUPLE.PROTO) ?? Attributes.parse(Buffer.alloc(0), 'ports');
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
        [TUPLE.IP, withChanged(this.ip, addresses)],
        [TUPLE.PROTO, withChanged(this.proto, ports)],
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
            NAT.PROTO,
            [
              [NAT_PORT.min, port],
              [NAT_PORT.max, port],
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
  const [original, reply] = [attributes.nested(CTA.ORIGINAL), attributes.nested(CTA.REPLY)];
  if (!original || !reply) return new Map();
  const [there, back] = [new Tuple(original, v6), new Tuple(reply, v6)];
  const differs = (side: Side, other: Side) =>
    !there.address(side).equals(back.address(other)) || !there.port(side).equals(back.port(other));
  const changes = new Map<number, Attribute[1]>();
  if (differs('src', 'dst')) changes.set(CTA.NAT_SRC, translation(v6, back.address('dst'), back.port('dst')));
  if (differs('dst', 'src')) changes.set(CTA.NAT_DST, translation(v6, back.address('src'), back.port('src')));
  if (changes.size > 0)
    changes.set(
      CTA.REPLY,
      back.with({
        src: { address: there.address('dst'), port: there.port('dst') },
        dst: { address: there.address('src'), port: there.port('src') },
      }),
    );
  return changes;
}

/** TCP: the kernel has not seen the packets while the connection was away. */
function liberal(attributes: Attributes): Map<number, Attribute[1]> {
  const info = attributes.nested(CTA.PROTOINFO);
  const tcp = info?.nested(PROTOINFO_TCP);
  if (!info || !tcp) return new Map();
  const flags = new Map<number, Buffer>();
  for (const type of TCP_FLAGS) {
    const now = tcp.bytes(type);
    if (now) flags.set(type, Buffer.from([(now[0] ?? 0) | BE_LIBERAL, (now[1] ?? 0) | BE_LIBERAL]));
  }
  return new Map([[CTA.PROTOINFO, [[PROTOINFO_TCP, withChanged(tcp, flags)]]]]);
}

/** Converts the body of a kernel message into one that creates the same connection. @throws NetlinkFormatError */
export function asNew(body: Uint8Array): Uint8Array {
  const [family] = body;
  if (family !== AF.INET && family !== AF.INET6) return body;
  const v6 = family === AF.INET6;
  const attributes = Attributes.parse(Buffer.from(body.subarray(HEADER)), 'tracked connection');
  const nat = untranslated(attributes, v6);
  const changes = new Map([...nat, ...liberal(attributes)]);
  const added = [CTA.NAT_SRC, CTA.NAT_DST].flatMap((type): Attribute[] => {
    const value = nat.get(type);
    return value ? [[type, value]] : [];
  });
  return Buffer.concat([
    body.subarray(0, HEADER),
    encodeAttributes([...withChanged(attributes, changes), ...added]),
  ]);
}
