// The netlink codec: bytes as the kernel has them, and answers that are broken in every way that bytes can be.
import {
  Attributes,
  be16,
  be32,
  be64,
  decodeMessages,
  decodeOutcome,
  encodeAttributes,
  encodeMessage,
  equals,
  flag,
  inetDiagRequest,
  lookup,
  meta,
  NetlinkError,
  NetlinkFormatError,
  nftMessage,
  payload,
  routeHeader,
  routeMessage,
  text,
  transaction,
  u8,
  u16,
  u32,
  u64,
  unixDiagRequest,
  verdict,
} from '@criu/native/netlink';
import {
  NFPROTO_INET,
  NFT_META_L4PROTO,
  NFT_MSG_NEWTABLE,
  NFT_PAYLOAD_TRANSPORT_HEADER,
  NFTA_TABLE_NAME,
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_MULTI,
  RTA_DST,
  RTM_GETLINK,
  RTM_NEWROUTE,
} from '@criu/native/uapi';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (...parts: string[]) => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');

describe('attributes', () => {
  it('are length, type and content, padded to four bytes', () => {
    expect(hex(encodeAttributes([[3, text('lo')]]))).toBe('07000300' + '6c6f0000');
    expect(hex(encodeAttributes([[1, u8(0xab)]]))).toBe('05000100' + 'ab000000');
    expect(hex(encodeAttributes([[2, u16(0x0102)]]))).toBe('06000200' + '02010000');
    expect(hex(encodeAttributes([[4, u32(1500)]]))).toBe('08000400' + 'dc050000');
    expect(hex(encodeAttributes([[5, u64(0x0102030405060708n)]]))).toBe('0c000500' + '0807060504030201');
    expect(hex(encodeAttributes([[6, be16(0x0102)]]))).toBe('06000600' + '01020000');
    expect(hex(encodeAttributes([[7, be32(0x01020304)]]))).toBe('08000700' + '01020304');
    expect(hex(encodeAttributes([[8, be64(2n)]]))).toBe('0c000800' + '0000000000000002');
    expect(hex(encodeAttributes([[9, flag]]))).toBe('04000900');
  });

  it('have attributes inside, which the type says', () => {
    const nest = encodeAttributes([[18, [[1, text('veth')]]]]);
    expect(hex(nest)).toBe('10001280' + '09000100' + '76657468' + '00000000');
    expect(Attributes.parse(nest).nested(18)?.text(1)).toBe('veth');
  });

  it('are read back, each as what it is asked for', () => {
    const all = Attributes.parse(
      encodeAttributes([
        [1, u8(1)],
        [2, u16(0xfffe)],
        [3, u32(0xfffffffe)],
        [4, u64(0xfffffffffffffffen)],
        [5, be16(0x0102)],
        [6, be32(0x01020304)],
        [7, be64(0x0102030405060708n)],
        [8, text('name')],
        [9, Buffer.from('no end')],
        [10, u8(10)],
        [10, u8(11)],
        [11, flag],
      ]),
    );
    expect([all.u8(1), all.u16(2), all.u32(3), all.i32(3)]).toEqual([1, 0xfffe, 0xfffffffe, -2]);
    expect([all.u64(4), all.be16(5), all.be32(6), all.be64(7)]).toEqual([
      0xfffffffffffffffen,
      0x0102,
      0x01020304,
      0x0102030405060708n,
    ]);
    expect([all.text(8), all.text(9), all.has(11), all.has(12)]).toEqual(['name', 'no end', true, false]);
    expect([all.u8(10), all.all(10).map(hex), all.u32(99), all.nested(99)]).toEqual([
      11,
      ['0a', '0b'],
      undefined,
      undefined,
    ]);
    expect(all.types).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('of another size than asked for are an error that says so', () => {
    const all = Attributes.parse(encodeAttributes([[4, u16(1)]]), 'link');
    expect(() => all.u32(4)).toThrow(new NetlinkFormatError('link', 'attribute 4 has 2 bytes, not 4'));
    expect(() => encodeAttributes([[1, Buffer.alloc(0x10000)]])).toThrow(NetlinkFormatError);
  });

  it.each([
    ['a header cut in half', '0800'],
    ['a length below its header', '03000100'],
    ['a length beyond the end', '09000100 00000000'],
    ['nothing behind the first', '05000100 ab000000 0400'],
  ])('with %s are refused', (_, text) => {
    expect(() => Attributes.parse(bytes(text))).toThrow(NetlinkFormatError);
  });

  it('of any content come back, and any cut of them is refused or ends between two', () => {
    const attribute = fc.tuple(fc.nat(0x3fff), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(attribute, { maxLength: 8 }), fc.nat(), (list, at) => {
        const encoded = encodeAttributes(list);
        const read = Attributes.parse(encoded);
        for (const type of read.types)
          expect(read.all(type).map(hex)).toEqual(list.filter(([t]) => t === type).map(([, c]) => hex(c)));
        const cut = encoded.subarray(0, at % (encoded.length + 1));
        try {
          Attributes.parse(cut);
        } catch (error) {
          expect(error).toBeInstanceOf(NetlinkFormatError);
        }
      }),
    );
  });
});

describe('messages', () => {
  it('are a header and a body, padded', () => {
    const message = encodeMessage({ type: RTM_GETLINK, flags: NLM_F_DUMP, body: Buffer.from([1, 2, 3]) }, 7);
    expect(hex(message)).toBe('13000000' + '1200' + '0103' + '07000000' + '00000000' + '01020300');
  });

  it('of one datagram come apart', () => {
    const datagram = Buffer.concat([
      encodeMessage({ type: 16, flags: NLM_F_MULTI, body: Buffer.from('one') }, 1),
      encodeMessage({ type: 3, flags: NLM_F_MULTI, body: Buffer.alloc(4) }, 1),
    ]);
    expect(decodeMessages(datagram).map(({ type, seq, body }) => [type, seq, `${body}`])).toEqual([
      [16, 1, 'one'],
      [3, 1, '\0\0\0\0'],
    ]);
    for (const cut of [1, 15, 17, datagram.length - 1])
      expect(() => decodeMessages(datagram.subarray(0, cut))).toThrow(NetlinkFormatError);
  });

  const received = (type: number, flags: number, body: Buffer) => ({ type, flags, seq: 1, port: 0, body });

  it('that end a request have an errno, and the words of the kernel', () => {
    const request = encodeMessage({ type: 18, flags: 0, body: Buffer.alloc(16) }, 1);
    const extended = encodeAttributes([
      [1, text('Invalid prefix')],
      [2, u32(20)],
    ]);
    const error = Buffer.from([0xea, 0xff, 0xff, 0xff]);
    const whole = received(2, NLM_F_ACK_TLVS, Buffer.concat([error, request, extended]));
    const capped = received(
      2,
      NLM_F_ACK_TLVS | NLM_F_CAPPED,
      Buffer.concat([error, request.subarray(0, 16), extended]),
    );
    for (const message of [whole, capped])
      expect(decodeOutcome(message)).toEqual({ errno: 22, extended: { text: 'Invalid prefix', offset: 20 } });
    expect(decodeOutcome(received(2, 0, Buffer.concat([error, request])))).toEqual({ errno: 22 });
    expect(decodeOutcome(received(2, 0, Buffer.alloc(20)))).toEqual({ errno: 0 });
    // The end of a list has its attributes right behind the errno.
    expect(decodeOutcome(received(3, NLM_F_ACK_TLVS, Buffer.concat([error, extended]))).errno).toBe(22);
    expect(decodeOutcome(received(3, 0, Buffer.alloc(0)))).toEqual({ errno: 0 });
    expect(() => decodeOutcome(received(2, 0, Buffer.alloc(3)))).toThrow(NetlinkFormatError);
    expect(() => decodeOutcome(received(2, NLM_F_ACK_TLVS, Buffer.alloc(4)))).toThrow(NetlinkFormatError);
  });

  it('that miss an attribute are told which', () => {
    const missing = encodeAttributes([
      [5, u32(6)],
      [6, u32(36)],
    ]);
    const body = Buffer.concat([Buffer.from([0xea, 0xff, 0xff, 0xff]), Buffer.alloc(16), missing]);
    const outcome = decodeOutcome(received(2, NLM_F_ACK_TLVS | NLM_F_CAPPED, body));
    expect(outcome.extended).toEqual({ missing: { type: 6, nest: 36 } });
    const error = new NetlinkError('add rule', outcome.errno, outcome.extended);
    expect(error).toMatchObject({
      code: 'EINVAL',
      errno: 22,
      message: 'add rule: EINVAL (attribute 6 is missing)',
    });
  });
});

describe('requests', () => {
  it('of routes have struct rtmsg before their attributes', () => {
    const header = routeHeader({ family: 2, dstLength: 24, table: 254, protocol: 3, type: 1 });
    const message = routeMessage(RTM_NEWROUTE, NLM_F_CREATE, header, [[RTA_DST, Buffer.from([10, 0, 0, 0])]]);
    expect(hex(message.body)).toBe('02180000' + 'fe030001' + '00000000' + '08000100' + '0a000000');
  });

  it('of sock_diag name family, protocol, states and ends', () => {
    expect(hex(unixDiagRequest())).toBe(
      '01000000' + 'ffffffff' + '00000000' + '1f000000' + '0000000000000000',
    );
    const ends = {
      localPort: 80,
      remotePort: 0x1234,
      local: Buffer.from([127, 0, 0, 1]),
      remote: Buffer.from([10, 0, 0, 2]),
    };
    expect(hex(inetDiagRequest(2, 6, ends))).toBe(
      '02060000' +
        'ffffffff' +
        '00501234' +
        `7f000001${'0'.repeat(24)}` +
        `0a000002${'0'.repeat(24)}` +
        '00000000' +
        'ffffffffffffffff',
    );
  });

  it('of nftables are a transaction of netfilter messages', () => {
    const table = nftMessage(NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_INET, [[NFTA_TABLE_NAME, text('t')]]);
    const all = transaction(10, [table], 5);
    expect(all.map(({ type, flags, body }) => [type, flags, hex(body)])).toEqual([
      [0x10, 0, '0000000a' + '08000100' + '00000005'],
      [0xa00, NLM_F_CREATE | NLM_F_ACK, '01000000' + '06000100' + '74000000'],
      [0x11, 0, '0000000a'],
    ]);
    expect(() => transaction(10, [])).toThrow(RangeError);
  });

  it('have expressions as nft(8) makes them', () => {
    const rule = encodeAttributes([meta(NFT_META_L4PROTO), equals(Uint8Array.of(6)), verdict(0)]);
    expect(hex(rule)).toBe(
      // meta load l4proto => reg 8
      '24000180' +
        '09000100' +
        '6d657461' +
        '00000000' +
        '14000280' +
        '08000100' +
        '00000008' +
        '08000200' +
        '00000010' +
        // cmp eq reg 8 0x06
        '2c000180' +
        '08000100' +
        '636d7000' +
        '20000280' +
        '08000100' +
        '00000008' +
        '08000200' +
        '00000000' +
        '0c000380' +
        '05000100' +
        '06000000' +
        // immediate reg 0 drop
        '30000180' +
        '0e000100' +
        '696d6d65' +
        '64696174' +
        '65000000' +
        '1c000280' +
        '08000100' +
        '00000000' +
        '10000280' +
        '0c000280' +
        '08000100' +
        '00000000',
    );
    const match = encodeAttributes([payload(9, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2), lookup('s')]);
    expect(hex(match)).toBe(
      '34000180' +
        '0c000100' +
        '7061796c' +
        '6f616400' +
        '24000280' +
        '08000100' +
        '00000009' +
        '08000200' +
        '00000002' +
        '08000300' +
        '00000002' +
        '08000400' +
        '00000002' +
        '24000180' +
        '0b000100' +
        '6c6f6f6b' +
        '75700000' +
        '14000280' +
        '06000100' +
        '73000000' +
        '08000200' +
        '00000008',
    );
  });
});
