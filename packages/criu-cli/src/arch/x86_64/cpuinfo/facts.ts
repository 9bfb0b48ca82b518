// Properties of the CPU as read by CPUID (Intel SDM volume 2, AMD APM volume 3, appendix E).
import { addon } from '@criu/native';
import { CriuError } from '../../../errors.js';
import {
  AVX,
  AVX512F,
  CPUID,
  CQM_LLC,
  ERMS,
  type Feature,
  FPU,
  has,
  MPX,
  NOPL,
  PKU,
  REP_GOOD,
  SSE,
  WORD,
  WORDS,
  XSAVE,
} from './words.js';

/** Executes CPUID. @returns eax, ebx, ecx and edx */
export type Cpuid = (leaf: number, subleaf: number) => readonly [number, number, number, number];

export interface CpuFacts {
  readonly vendor: 'intel' | 'amd';
  readonly family: number;
  readonly model: number;
  readonly stepping: number;
  /** Empty if the CPU does not report it. */
  readonly modelName: string;
  /** Feature bits in 19 words, see words.ts. */
  readonly words: readonly number[];
  /** State components of XCR0 that tasks may use, as bits. */
  readonly xfeatures: bigint;
  /**
   * Size in bytes of an XSAVE area with the components that the kernel has enabled, and with all that the CPU supports.
   */
  readonly xsaveSize: number;
  readonly xsaveSizeMax: number;
}

const VENDORS: Readonly<Record<string, CpuFacts['vendor']>> = {
  GenuineIntel: 'intel',
  AuthenticAMD: 'amd',
  HygonGenuine: 'amd',
};

/** The feature that each state component depends on. */
const COMPONENTS: readonly Feature[] = [FPU, SSE, AVX, MPX, MPX, AVX512F, AVX512F, AVX512F];
const PKRU = 9;
/**
 * Components that images never have: CRIU removes SSE (1) and BNDREGS (3) both from what it writes and from what it
 * compares with, so it would refuse an image that had them.
 */
const LEFT_OUT = 0b1010n;

/** @throws CriuError UNSUPPORTED for a CPU vendor that images have no number for */
export function cpuFacts(cpuid: Cpuid = addon().cpuid): CpuFacts {
  const [highest, ...letters] = cpuid(0, 0);
  const maker = text([letters[0], letters[2], letters[1]]);
  const vendor = VENDORS[maker];
  if (vendor === undefined)
    throw new CriuError(
      'UNSUPPORTED',
      `processors of ${maker} cannot be described in images`,
      {},
      'leave --cpu-cap out',
    );
  const words = new Array<number>(WORDS).fill(0);
  const version = highest >= 1 ? identify(cpuid, words) : { family: 4, model: 0, stepping: 0 };
  readFeatures(cpuid, highest, words);
  const extended = cpuid(0x80000000, 0)[0];
  readExtendedFeatures(cpuid, extended, words);
  adjust(words, vendor, version.family, highest, cpuid);
  return {
    vendor,
    ...version,
    modelName: extended >= 0x80000004 ? modelName(cpuid) : '',
    words,
    ...xsaveFacts(cpuid, words),
  };
}

function identify(cpuid: Cpuid, words: number[]) {
  const [eax, , ecx, edx] = cpuid(1, 0);
  words[WORD.LEAF_1_EDX] = edx;
  words[WORD.LEAF_1_ECX] = ecx;
  let family = (eax >>> 8) & 0xf;
  if (family === 0xf) family += (eax >>> 20) & 0xff;
  const more = family >= 6 ? ((eax >>> 16) & 0xf) << 4 : 0;
  return { family, model: ((eax >>> 4) & 0xf) + more, stepping: eax & 0xf };
}

function readFeatures(cpuid: Cpuid, highest: number, words: number[]): void {
  if (highest >= 6) words[WORD.LEAF_6_EAX] = cpuid(6, 0)[0];
  if (highest >= 7) {
    const [, ebx, ecx, edx] = cpuid(7, 0);
    words[WORD.LEAF_7_EBX] = ebx;
    words[WORD.LEAF_7_ECX] = ecx;
    words[WORD.LEAF_7_EDX] = edx;
  }
  if (highest >= 0xd) words[WORD.LEAF_D1_EAX] = cpuid(0xd, 1)[0];
  if (highest >= 0xf) {
    words[WORD.LEAF_F_EDX] = cpuid(0xf, 0)[3];
    if (has(words, CQM_LLC)) words[WORD.LEAF_F1_EDX] = cpuid(0xf, 1)[3];
  }
}

function readExtendedFeatures(cpuid: Cpuid, extended: number, words: number[]): void {
  if (extended >>> 16 === 0x8000 && extended >= 0x80000001) {
    const [, , ecx, edx] = cpuid(0x80000001, 0);
    words[WORD.LEAF_80000001_ECX] = ecx;
    words[WORD.LEAF_80000001_EDX] = edx;
  }
  if (extended >= 0x80000007) words[WORD.LEAF_80000007_EBX] = cpuid(0x80000007, 0)[1];
  if (extended >= 0x80000008) words[WORD.LEAF_80000008_EBX] = cpuid(0x80000008, 0)[1];
  if (extended >= 0x8000000a) words[WORD.LEAF_8000000A_EDX] = cpuid(0x8000000a, 0)[3];
}

/** Applies Linux's corrections to CPUID bits (early_init_intel, early_init_amd and filter_cpuid_features). */
function adjust(
  words: number[],
  vendor: CpuFacts['vendor'],
  family: number,
  highest: number,
  cpuid: Cpuid,
): void {
  const set = ([word, bit]: Feature) => {
    words[word] = ((words[word] ?? 0) | (1 << bit)) >>> 0;
  };
  const clear = ([word, bit]: Feature) => {
    words[word] = ((words[word] ?? 0) & ~(1 << bit)) >>> 0;
  };
  set(CPUID);
  set(NOPL);
  if (highest < 0xd) clear(XSAVE);
  if (vendor === 'intel') {
    if (family === 15) clear(ERMS);
    if (family === 6) set(REP_GOOD);
    return;
  }
  // On these CPUs the bit means 3DNow, which has another bit.
  clear([WORD.LEAF_1_EDX, 31]);
  const [signature] = cpuid(1, 0);
  const revisionC = (signature >= 0x0f48 && signature < 0x0f50) || signature >= 0x0f58;
  if (family >= 0x10 || (family === 0xf && revisionC)) set(REP_GOOD);
}

function modelName(cpuid: Cpuid): string {
  const parts = [0x80000002, 0x80000003, 0x80000004].flatMap((leaf) => cpuid(leaf, 0));
  return text(parts).replace(/\0.*$/s, '').replace(/^ +/, '');
}

function text(registers: readonly (number | undefined)[]): string {
  const bytes = Buffer.alloc(registers.length * 4);
  registers.forEach((value = 0, index) => {
    bytes.writeUInt32LE(value, index * 4);
  });
  return bytes.toString('latin1');
}

function xsaveFacts(cpuid: Cpuid, words: readonly number[]) {
  if (!has(words, XSAVE)) return { xfeatures: 0n, xsaveSize: 0, xsaveSizeMax: 0 };
  const [low, size, max, high] = cpuid(0xd, 0);
  const enabled = BigInt(low) | (BigInt(high) << 32n);
  let tasks = has(words, PKU) ? 1n << BigInt(PKRU) : 0n;
  COMPONENTS.forEach((feature, bit) => {
    if (has(words, feature)) tasks |= 1n << BigInt(bit);
  });
  return { xfeatures: enabled & tasks & ~LEFT_OUT, xsaveSize: size, xsaveSizeMax: max };
}
