// Processors to compare: this machine's CPUID as it was recorded, and others from what /proc/cpuinfo says of them.
import { type CpuFacts, type Cpuid, cpuFacts } from '../../src/cpuinfo/facts.js';
import { INSTRUCTIONS, OSXSAVE, WORDS, XSAVES } from '../../src/cpuinfo/words.js';

/** Leaves and subleaves in hexadecimal with eax, ebx, ecx and edx: recorded on an Intel Xeon (Sapphire Rapids) under KVM. */
export const RECORDED: Readonly<Record<string, readonly [number, number, number, number]>> = {
  '0.0': [28, 1970169159, 1818588270, 1231384169],
  '1.0': [788210, 16910336, 4294586883, 529267711],
  '6.0': [4, 0, 0, 0],
  '7.0': [2, 4055838715, 440491846, 545341456],
  'd.0': [231, 2688, 11008, 0],
  'd.1': [31, 2432, 0, 0],
  'f.0': [0, 0, 0, 0],
  'f.1': [0, 0, 0, 0],
  '80000000.0': [2147483681, 0, 0, 0],
  '80000001.0': [0, 0, 289, 739248128],
  '80000002.0': [1702129225, 693250156, 1868912672, 693250158],
  '80000003.0': [1869762592, 1936942435, 29295, 0],
  '80000004.0': [0, 0, 0, 0],
  '80000007.0': [0, 0, 0, 256],
  '80000008.0': [3160368, 0, 0, 0],
  '8000000a.0': [0, 0, 0, 0],
};

export function replay(table: Readonly<Record<string, readonly [number, number, number, number]>>): Cpuid {
  return (leaf, subleaf) => table[`${leaf.toString(16)}.${subleaf}`] ?? [0, 0, 0, 0];
}

export const recorded: CpuFacts = cpuFacts(replay(RECORDED));

const BASE =
  'fpu tsc cx8 sep cmov clflush mmx fxsr sse sse2 syscall rdtscp nopl rep_good pni pclmulqdq ssse3 cx16 sse4_1 sse4_2 popcnt';
const HASWELL = `${BASE} aes xsave avx f16c rdrand movbe abm fsgsbase bmi1 avx2 bmi2 erms xsaveopt`;
const SKYLAKE = `${HASWELL} 3dnowprefetch hle rtm avx512f avx512dq rdseed adx clflushopt avx512cd avx512bw avx512vl xsavec xgetbv1 xsaves`;
const ZEN2 = `${HASWELL} mmxext sse4a misalignsse 3dnowprefetch rdseed adx clflushopt sha_ni xsavec xgetbv1 xsaves clzero rdpid`;

/** The flags of /proc/cpuinfo that count here, state components, and sizes of the XSAVE area. */
const KNOWN: Readonly<Record<string, readonly [string, bigint, number]>> = {
  nehalem: [BASE, 0n, 0],
  haswell: [HASWELL, 0x5n, 832],
  skylake: [SKYLAKE, 0xe5n, 2688],
  zen2: [ZEN2, 0x5n, 832],
};

/** Facts from a line of flags. */
export function ofFlags(flags: string, xfeatures: bigint, size: number): CpuFacts {
  const words = new Array<number>(WORDS).fill(0);
  const given = new Set(flags.split(' '));
  const set = (word: number, bit: number) => {
    words[word] = ((words[word] ?? 0) | (1 << bit)) >>> 0;
  };
  for (const [word, names] of INSTRUCTIONS)
    for (const [name, bit] of Object.entries(names)) if (given.has(name)) set(word, bit);
  // The kernel enables XSAVE wherever it is; its flags do not show that.
  if (given.has('xsave')) set(...OSXSAVE);
  if (given.has('xsaves')) set(...XSAVES);
  return { ...recorded, modelName: '', words, xfeatures, xsaveSize: size, xsaveSizeMax: size };
}

export const processors: Readonly<Record<string, CpuFacts>> = Object.fromEntries(
  Object.entries(KNOWN).map(([name, [flags, xfeatures, size]]) => [name, ofFlags(flags, xfeatures, size)]),
);
