// Attributes of netlink messages (struct nlattr, <linux/netlink.h>): length, type, content, padding to four bytes.
import { decodeCString, encodeName } from '../names.js';
import { NLA_F_NESTED, NLA_TYPE_MASK, nlattr } from '../uapi.generated.js';
import { NetlinkFormatError } from './errors.js';

/** A length rounded up to a multiple of four, at which the next attribute or message begins. */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/** Type and content. A list of attributes as the content is a nested attribute. */
export type Attribute = readonly [type: number, content: Uint8Array | readonly Attribute[]];

// ---- content -------------------------------------------------------------------------------------------------------

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

/** In the byte order of this machine, as in most attributes. */
export function u16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

/** In network byte order, as in attributes of netfilter. */
export function be16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function be32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

export function be64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return bytes;
}

/** A name (`names.ts`) with a terminating NUL. */
export function text(value: string): Uint8Array {
  return encodeName(`${value}\0`);
}

/** Content of an attribute whose presence alone has a meaning. */
export const flag: Uint8Array = new Uint8Array(0);

// ---- encoding ------------------------------------------------------------------------------------------------------

/** The bytes of attributes. @throws NetlinkFormatError if a content is longer than an attribute can be */
export function encodeAttributes(attributes: readonly Attribute[]): Buffer {
  const pieces: Uint8Array[] = [];
  for (const [type, value] of attributes) {
    const nested = !(value instanceof Uint8Array);
    const content = nested ? encodeAttributes(value) : value;
    const length = nlattr.sizeof + content.length;
    if (length > 0xffff)
      throw new NetlinkFormatError(`attribute ${type}`, `${content.length} bytes are too many`);
    const piece = Buffer.alloc(align(length));
    piece.writeUInt16LE(length, nlattr.nla_len);
    piece.writeUInt16LE(nested ? type | NLA_F_NESTED : type, nlattr.nla_type);
    piece.set(content, nlattr.sizeof);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

// ---- decoding ------------------------------------------------------------------------------------------------------

/**
 * Calls back for each attribute in `bytes` from `begin` to `end`, with its type and the range of its content.
 * @throws NetlinkFormatError if a length exceeds `end` or is too short
 */
export function eachAttribute(
  bytes: Buffer,
  begin: number,
  what: string,
  visit: (type: number, from: number, to: number) => void,
  end = bytes.length,
): void {
  for (let at = begin; at < end; ) {
    const rest = end - at;
    const length = rest < nlattr.sizeof ? 0 : bytes.readUInt16LE(at + nlattr.nla_len);
    if (length < nlattr.sizeof || length > rest)
      throw new NetlinkFormatError(
        what,
        `an attribute at byte ${at - begin} of ${end - begin} has a length of ${length}`,
      );
    visit(bytes.readUInt16LE(at + nlattr.nla_type) & NLA_TYPE_MASK, at + nlattr.sizeof, at + length);
    at += align(length);
  }
}

/**
 * Attributes of one level by type. Getters return undefined for a missing attribute and throw for a content of another
 * size.
 */
export class Attributes {
  private readonly found = new Map<number, Buffer[]>();

  private constructor(private readonly what: string) {}

  /**
   * Parses attributes.
   * @param what name in error messages: "link", "rule of nftables"
   * @throws NetlinkFormatError if a length exceeds `bytes` or is too short
   */
  static parse(bytes: Buffer, what = 'netlink attributes'): Attributes {
    const out = new Attributes(what);
    eachAttribute(bytes, 0, what, (type, from, to) => {
      const content = bytes.subarray(from, to);
      const same = out.found.get(type);
      if (same) same.push(content);
      else out.found.set(type, [content]);
    });
    return out;
  }

  /** The types that occur, each once, in the order of the message. */
  get types(): number[] {
    return [...this.found.keys()];
  }

  /** Types with the content that {@link bytes} returns, for encoding them again. */
  get entries(): [type: number, content: Buffer][] {
    return this.types.map((type) => [type, this.bytes(type) ?? Buffer.alloc(0)]);
  }

  has(type: number): boolean {
    return this.found.has(type);
  }

  /** Contents of all attributes of a type, which repeats in lists. They are views on the message. */
  all(type: number): readonly Buffer[] {
    return this.found.get(type) ?? [];
  }

  /** Content of the last attribute of a type, which is the one that the kernel uses, too. */
  bytes(type: number): Buffer | undefined {
    return this.found.get(type)?.at(-1);
  }

  private sized(type: number, size: number): Buffer | undefined {
    const content = this.bytes(type);
    if (content && content.length !== size)
      throw new NetlinkFormatError(this.what, `attribute ${type} has ${content.length} bytes, not ${size}`);
    return content;
  }

  u8(type: number): number | undefined {
    return this.sized(type, 1)?.readUInt8();
  }
  u16(type: number): number | undefined {
    return this.sized(type, 2)?.readUInt16LE();
  }
  u32(type: number): number | undefined {
    return this.sized(type, 4)?.readUInt32LE();
  }
  i32(type: number): number | undefined {
    return this.sized(type, 4)?.readInt32LE();
  }
  u64(type: number): bigint | undefined {
    return this.sized(type, 8)?.readBigUInt64LE();
  }
  be16(type: number): number | undefined {
    return this.sized(type, 2)?.readUInt16BE();
  }
  be32(type: number): number | undefined {
    return this.sized(type, 4)?.readUInt32BE();
  }
  be64(type: number): bigint | undefined {
    return this.sized(type, 8)?.readBigUInt64BE();
  }

  /** The content as a name: up to its NUL, or all of it without one. */
  text(type: number): string | undefined {
    const content = this.bytes(type);
    return content && decodeCString(content);
  }

  /**
   * The attributes nested in an attribute. NLA_F_NESTED is not required, since older code of the kernel does not set
   * it.
   */
  nested(type: number): Attributes | undefined {
    const content = this.bytes(type);
    return content && Attributes.parse(content, `${this.what}, attribute ${type}`);
  }

  /** The attributes nested in each attribute of a type. */
  nestedAll(type: number): Attributes[] {
    return this.all(type).map((content) => Attributes.parse(content, `${this.what}, attribute ${type}`));
  }
}
