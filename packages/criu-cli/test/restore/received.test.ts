// What internet sockets have received and not read: UDP keeps it, TCP refuses what it cannot keep.
import type { InetSkEntry } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { dump } from '../../src/operations.js';
import { datagramOf, ipPacket } from '../../src/resources/files/inet/datagrams-restore.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';
import { freshDir } from '../support.js';

enterOwnNetwork();
afterAll(cleanUp);

const socket = (family: number, ...src_addr: number[]) =>
  ({ id: 3, family, proto: 17, src_port: 53, src_addr }) as unknown as InetSkEntry;
const packet = (addr: string, more = {}) => ({
  entry: { id_for: 3, length: 1, scm: [], addr: Buffer.from(addr, 'hex'), ...more },
  payload: Buffer.from('x'),
});

describe('a datagram', () => {
  it('becomes an IPv4 packet to the address that its socket is bound to', () => {
    const datagram = datagramOf(socket(2, 0x0100007f), packet('04d2c0a80102'));
    // A checksum over all, the checksum itself among it, is all ones.
    const bytes = ipPacket({ ...datagram, tos: 0x10, ttl: 9 });
    expect(bytes.toString('hex')).toBe(
      `4510001d0000000009110000c0a801027f00000104d200350009${bytes.toString('hex', 26, 28)}78`,
    );
    const sum = [...pseudo(bytes.subarray(12, 20), 9), ...bytes.subarray(20), 0];
    expect(ones(sum)).toBe(0xffff);
  });

  it('becomes an IPv6 packet to where it was sent, or to this machine', () => {
    const from = `04d2${'00000000'}${'20010db8000000000000000000000001'}${'00000000'}`;
    const dst = Buffer.from('20010db8000000000000000000000002', 'hex');
    const there = ipPacket(datagramOf(socket(10, 0, 0, 0, 0), packet(from, { dst, tos: 3, ttl: 4 })));
    expect(there.toString('hex', 0, 8)).toBe('6030000000091104');
    expect(there.subarray(24, 40)).toEqual(dst);
    const here = datagramOf(socket(10, 0, 0, 0, 0), packet(from));
    expect(here.to.address.toString('hex')).toBe(`${'00'.repeat(15)}01`);
    // Over IPv4 to a socket of IPv6.
    const mapped = `04d2${'00000000'}${'00000000000000000000ffffc0a80102'}${'00000000'}`;
    expect(datagramOf(socket(10, 0, 0, 0, 0), packet(mapped)).from.address.toString('hex')).toBe('c0a80102');
  });

  it('without a whole address is an error', () => {
    expect(() => datagramOf(socket(2, 0), packet('04d2'))).toThrow(/no whole address/);
    expect(() => datagramOf(socket(10, 0), packet('04d2c0a80102'))).toThrow(/no whole address/);
  });
});

function pseudo(addresses: Uint8Array, length: number): number[] {
  return [...addresses, 0, 17, 0, length];
}

function ones(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

describe.skipIf(!isRoot)('a UDP socket (needs root)', () => {
  it('has the datagrams that it had, from whom they were', async () => {
    const victim = await Victim.start('datagrams', {}, new URL('victims/datagrams.c', import.meta.url));
    try {
      await roundTrip(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});

describe.skipIf(!isRoot)('a TCP connection (needs root)', () => {
  it('is not dumped with urgent data, which goes on to wait', async () => {
    const victim = await Victim.start('urgent', {}, new URL('victims/urgent.c', import.meta.url));
    try {
      await expect(
        dump({ pid: victim.pid, imagesDir: freshDir(), tcpEstablished: true }),
      ).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringMatching(/urgent data/) });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
