// Formats a program as text for printed plans. The text is decoded from the encoded steps, so building a program has no
// cost for it.
import { abi } from '@criu/native';
import type { LateRef } from './operands.js';

/** One line of a printed plan. */
export interface ProgramLine {
  readonly call: string;
  readonly label?: string;
}

/** What the text of a program is made of. */
export interface ProgramParts {
  /** Steps: struct agent_op each. Places in the out area are relative to its start. */
  readonly words: Int32Array;
  readonly data: Buffer;
  /** Indices of those words that are places in the out area, and of those that are descriptors. */
  readonly outPlaces: readonly number[];
  readonly fdPlaces: readonly number[];
  /** The words that are known only when the program is sent. */
  readonly late: readonly { readonly word: number; readonly ref: LateRef }[];
  /** Size in bytes of each place in data that an operand refers to, in their order. */
  readonly sizes: readonly number[];
  step(index: number): { readonly name: string; readonly args: number; readonly label: string | undefined };
}

/** The steps of a program, one line each. */
export function describeSteps(parts: ProgramParts, count: number): ProgramLine[] {
  const { words, data } = parts;
  const O = abi.AgentOp;
  const outs = new Set(parts.outPlaces);
  const fds = new Set(parts.fdPlaces);
  const late = new Map(parts.late.map(({ word, ref }) => [word, ref.name]));
  let nextSize = 0;
  const place = (offset: number, out: boolean): string => {
    const size = parts.sizes[nextSize++] ?? 0;
    return out ? `out[${size}]` : dataText(data.subarray(offset, offset + size));
  };
  const operand = (word: number, kind: number): string => {
    const low = words[word] ?? 0;
    const value = (BigInt(words[word + 1] ?? 0) << 32n) | BigInt(low >>> 0);
    switch (kind) {
      case abi.AGENT_RESULT: {
        const addend = value >> 16n;
        return `$${low & 0xffff}${addend ? `+${addend}` : ''}`;
      }
      case abi.AGENT_DATA:
        return place(low, outs.has(word));
      case abi.AGENT_LOAD32:
        return fds.has(word) ? `fd#${low / 4}` : `*${place(low, outs.has(word))}`;
      case abi.AGENT_LOAD64:
        return `*${place(low, outs.has(word))}`;
      case abi.AGENT_SELF:
        return `agent+${numberText(value)}`;
      default:
        return late.get(word) ?? numberText(value);
    }
  };
  return Array.from({ length: count }, (_, index) => {
    const at = index * (O.size >> 2);
    const kinds = words[at + (O.kinds >> 2)] ?? 0;
    const { name, args, label } = parts.step(index);
    const texts = Array.from({ length: args }, (_unused, k) =>
      operand(at + (O.arg >> 2) + k * 2, (kinds >> (4 * k)) & 15),
    );
    const call = `${name}(${texts.join(', ')})`;
    return label === undefined ? { call } : { call, label };
  });
}

/** Shows a NUL-terminated text as such, other data by its size. */
function dataText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const text = bytes.subarray(0, end);
  if (end > 0 && end === bytes.length - 1 && text.every((c) => c >= 32 && c < 127))
    return JSON.stringify(text.toString());
  return `data[${bytes.length}]`;
}

function numberText(n: number | bigint): string {
  return n >= 0x10000 || n <= -0x10000 ? `${n < 0 ? '-' : ''}0x${(n < 0 ? -n : n).toString(16)}` : String(n);
}
