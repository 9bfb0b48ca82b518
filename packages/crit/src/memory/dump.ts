// The bytes of a process's memory by address, and a hexadecimal dump of them.
import { Buffer } from 'node:buffer';
import { ImageError, imageFileName } from '@criu/images';
import { type AddressSpace, isStored } from './address-space.js';
import { pieces } from './search.js';

/** Adjacent bytes. Without `bytes` no image has them: unused memory, or unchanged pages of the mapped file. */
export interface MemoryPiece {
  readonly start: bigint;
  readonly end: bigint;
  readonly bytes?: Buffer;
}

/**
 * The memory from an address on, in pieces of up to 1 MiB.
 * @throws ImageError `unresolved` for unmapped addresses
 */
export function* readMemory(
  space: AddressSpace,
  address: bigint,
  length: bigint,
): Generator<MemoryPiece, void, undefined> {
  const end = address + length;
  for (let at = address; at < end; ) {
    const mapping = space.mappingAt(at);
    if (mapping === undefined) {
      const reason = `nothing is mapped at 0x${at.toString(16)}`;
      throw new ImageError('unresolved', reason, space.set.path(imageFileName('MM', space.pid)));
    }
    at = mapping.end;
  }
  let at = address;
  for (const segment of space.segments({ from: address, to: end })) {
    if (segment.start > at) yield { start: at, end: segment.start };
    // Segments are cut to the range, which may begin inside of a page.
    if (!isStored(segment)) yield { start: segment.start, end: segment.end };
    else
      for (const { start, bytes } of pieces(segment))
        yield { start, end: start + BigInt(bytes.length), bytes };
    at = segment.end;
  }
  if (at < end) yield { start: at, end };
}

const LINE = 16;

/**
 * Lines with sixteen bytes each, with their address, in hexadecimal and as characters. Repeated lines are printed once.
 */
export function* hexDump(parts: Iterable<MemoryPiece>): Generator<string, void, undefined> {
  let previous: Buffer | undefined;
  let starred = false;
  let carry: Buffer = Buffer.alloc(0);
  let address = 0n;
  function* flush(): Generator<string, void, undefined> {
    if (carry.length > 0) yield hexLine(address, carry);
    carry = Buffer.alloc(0);
    previous = undefined;
    starred = false;
  }
  for (const { start, end, bytes } of parts) {
    if (bytes === undefined) {
      yield* flush();
      yield `${start.toString(16).padStart(12, '0')}  ${end - start} bytes that are not in the images\n`;
      continue;
    }
    if (start !== address + BigInt(carry.length)) {
      yield* flush();
      address = start;
    }
    const all: Buffer = carry.length === 0 ? bytes : Buffer.concat([carry, bytes]);
    let at = 0;
    let text = '';
    for (; at + LINE <= all.length; at += LINE) {
      const line = all.subarray(at, at + LINE);
      if (previous?.equals(line)) {
        if (!starred) text += '*\n';
        starred = true;
      } else {
        text += hexLine(address + BigInt(at), line);
        starred = false;
      }
      previous = line;
    }
    address += BigInt(at);
    carry = all.subarray(at);
    if (text !== '') yield text;
  }
  const last = address;
  const hidden = starred && carry.length === 0;
  yield* flush();
  if (hidden) yield `${last.toString(16).padStart(12, '0')}\n`;
}

function hexLine(address: bigint, bytes: Buffer): string {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  const columns = `${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}`.padEnd(3 * LINE);
  return `${address.toString(16).padStart(12, '0')}  ${columns}  |${printable(bytes)}|\n`;
}

/** Bytes as ASCII, with a dot for each that is not printable. */
export function printable(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.';
  return out;
}

/**
 * Parses `ADDR:LEN`, both decimal, or hexadecimal with `0x`; the length may have the suffix K, M or G.
 * @returns undefined for any other text
 */
export function parseRange(text: string): { address: bigint; length: bigint } | undefined {
  const [, from, size, unit = ''] = /^(0x[0-9a-f]+|\d+):(0x[0-9a-f]+|\d+)([kmg]?)$/i.exec(text) ?? [];
  if (from === undefined || size === undefined) return undefined;
  const units: Record<string, bigint> = { k: 1n << 10n, m: 1n << 20n, g: 1n << 30n };
  const address = BigInt(from);
  const length = BigInt(size) * (units[unit.toLowerCase()] ?? 1n);
  if (length === 0n || address + length > 1n << 64n) return undefined;
  return { address, length };
}
