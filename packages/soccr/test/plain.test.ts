// What needs no kernel: addresses, the saved state's text form and check, packets, iptables rules.
import { TH_ACK, TH_FIN } from '@criu/native/uapi';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, addressText, fromSockaddr, toSockaddr } from '../src/address.js';
import { buildPacket, checksum } from '../src/inject.js';
import { iptablesRules } from '../src/iptables.js';
import { checkState, stateFromJson, stateToJson, type TcpState } from '../src/state.js';

const state: TcpState = {
  version: 1,
  state: 'established',
  family: 4,
  local: { address: '10.0.0.1', port: 80 },
  remote: { address: '10.0.0.2', port: 40_000 },
  receive: { seq: 1, data: new Uint8Array([1, 2, 3]) },
  send: { seq: 2, data: new Uint8Array([255, 0]), unsent: 1, finSent: true },
  mss: 1460,
  negotiated: { sack: false, timestamps: true, mask: 1 },
  timestamp: 4_294_967_295,
  readShutdown: false,
  reset: false,
  options: { linger: false },
};

describe('addresses', () => {
  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['fe80::', 'fe80::'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    ['::ffff:102:304', '::ffff:1.2.3.4'],
  ])('%s is %s', (text, canonical) => {
    expect(addressText(addressBytes(text, 6))).toBe(canonical);
  });

  it('come back from their bytes and from a sockaddr', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(0xffff), (bytes, port) => {
        const address = addressText(bytes);
        expect(addressBytes(address, 6)).toEqual(bytes);
        expect(fromSockaddr(toSockaddr({ address, port }, 6))).toEqual({ address, port });
      }),
    );
  });

  it.each(['1.2.3', '1.2.3.4.5', '', ':::', '1::2::3', 'fe80::1%eth0', '2001:db8'])(
    '%s is refused',
    (text) => {
      expect(() => addressBytes(text, 6)).toThrow('not an address');
      expect(() => addressBytes(text, 4)).toThrow('not an address');
    },
  );
});

describe('a saved state', () => {
  it('comes back from its JSON', () => {
    expect(stateFromJson(stateToJson(state))).toEqual(state);
    expect(checkState(structuredClone(state))).toEqual(state);
  });

  it.each<[string, (s: Record<string, never>) => unknown, string]>([
    ['another version', (s) => ({ ...s, version: 2 }), 'version must be 1'],
    ['an unknown state', (s) => ({ ...s, state: 'toString' }), 'state must be one of'],
    ['another family', (s) => ({ ...s, family: 6 }), 'local.address must be an IPv6 address'],
    ['a big port', (s) => ({ ...s, remote: { address: '1.2.3.4', port: 65_536 } }), 'remote.port must be'],
    [
      'more unsent than there is',
      (s) => ({ ...s, send: { ...state.send, unsent: 3 } }),
      'send.unsent must be',
    ],
    ['a negative sequence', (s) => ({ ...s, receive: { ...state.receive, seq: -1 } }), 'receive.seq must be'],
    ['no bytes', (s) => ({ ...s, receive: { seq: 1, data: 'x' } }), 'receive.data must be bytes'],
    ['no timestamp', (s) => ({ ...s, timestamp: undefined }), 'timestamp must be'],
    [
      'a wide scale',
      (s) => ({ ...s, negotiated: { ...state.negotiated, windowScale: { send: 15, receive: 0 } } }),
      'windowScale.send must be',
    ],
    ['nothing', () => null, 'the whole must be an object'],
  ])('with %s is refused', (_name, change, message) => {
    const changed = change(state as unknown as Record<string, never>);
    expect(() => checkState(changed)).toThrow(message);
    expect(() => checkState(changed)).toThrow(expect.objectContaining({ code: 'BAD_STATE' }));
  });

  it('from any text is a state or BAD_STATE', () => {
    const text = stateToJson(state);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), fc.nat(5), (at, put, cut) => {
        try {
          stateFromJson(text.slice(0, at) + put + text.slice(at + cut));
        } catch (error) {
          expect(error).toMatchObject({ name: 'SoccrError', code: 'BAD_STATE' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('an injected segment', () => {
  it('has sums that add up, for both families and mapped addresses', () => {
    const segment = { seq: 0xffffffff, ack: 7, flags: TH_FIN | TH_ACK, window: 500 };
    for (const [family, local, remote, header] of [
      [4, '10.0.0.1', '10.0.0.2', 20],
      [6, '::ffff:10.0.0.1', '::ffff:10.0.0.2', 20],
      [6, '2001:db8::1', '2001:db8::2', 40],
    ] as const) {
      const { bytes } = buildPacket(
        { family, local: { address: local, port: 80 }, remote: { address: remote, port: 4000 } },
        segment,
      );
      const tcp = bytes.subarray(header);
      const addresses = header === 20 ? bytes.subarray(12, 20) : bytes.subarray(8, 40);
      if (header === 20) expect(checksum(bytes.subarray(0, 20))).toBe(0);
      expect(checksum(addresses, Uint8Array.of(0, 6, 0, 20), tcp)).toBe(0);
      expect([...tcp.subarray(0, 4)]).toEqual([4000 >> 8, 4000 & 255, 0, 80]);
    }
  });
});

it('iptables rules hold both directions', () => {
  expect(
    iptablesRules('C', {
      ...state,
      family: 6,
      local: { address: '::ffff:10.0.0.1', port: 80 },
      remote: { address: '::ffff:10.0.0.2', port: 9 },
    }).map((r) => r.join(' ')),
  ).toEqual([
    'C -p tcp -s 10.0.0.2 -d 10.0.0.1 --sport 9 --dport 80 -m mark ! --mark 0xc114 -j DROP',
    'C -p tcp -s 10.0.0.1 -d 10.0.0.2 --sport 80 --dport 9 -m mark ! --mark 0xc114 -j DROP',
  ]);
});
