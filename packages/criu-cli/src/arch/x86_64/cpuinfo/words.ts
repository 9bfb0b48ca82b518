// CPU features in the form of CRIU's images: 32-bit words in the order of Linux up to 4.18
// (arch/x86/include/asm/cpufeatures.h).

/** Index of each word, named by its CPUID leaf and register. */
export const WORD = {
  LEAF_1_EDX: 0,
  LEAF_80000001_EDX: 1,
  /** Bits that Linux has defined itself. */
  LINUX_1: 3,
  LEAF_1_ECX: 4,
  LEAF_80000001_ECX: 6,
  LEAF_7_EBX: 9,
  LEAF_D1_EAX: 10,
  LEAF_7_ECX: 11,
  LEAF_F1_EDX: 12,
  LEAF_80000008_EBX: 13,
  LEAF_6_EAX: 14,
  LEAF_8000000A_EDX: 15,
  LEAF_F_EDX: 16,
  LEAF_80000007_EBX: 17,
  LEAF_7_EDX: 18,
} as const;

/** Number of words in images, by `capability_ver`. */
export const WORDS_OF_VERSION: ReadonlyMap<number, number> = new Map([
  [1, 12],
  [2, 19],
]);
export const VERSION = 2;
export const WORDS = 19;

/** A feature as word index and bit number. */
export type Feature = readonly [word: number, bit: number];

export const FPU: Feature = [WORD.LEAF_1_EDX, 0];
export const FXSR: Feature = [WORD.LEAF_1_EDX, 24];
export const SSE: Feature = [WORD.LEAF_1_EDX, 25];
export const XSAVE: Feature = [WORD.LEAF_1_ECX, 26];
export const OSXSAVE: Feature = [WORD.LEAF_1_ECX, 27];
export const AVX: Feature = [WORD.LEAF_1_ECX, 28];
export const ERMS: Feature = [WORD.LEAF_7_EBX, 9];
export const MPX: Feature = [WORD.LEAF_7_EBX, 14];
export const AVX512F: Feature = [WORD.LEAF_7_EBX, 16];
export const PKU: Feature = [WORD.LEAF_7_ECX, 3];
export const XSAVES: Feature = [WORD.LEAF_D1_EAX, 3];
export const REP_GOOD: Feature = [WORD.LINUX_1, 16];
export const NOPL: Feature = [WORD.LINUX_1, 20];
export const CPUID: Feature = [WORD.LINUX_1, 25];
export const CQM_LLC: Feature = [WORD.LEAF_F_EDX, 1];

/**
 * Features that are instructions for programs, as compared by `--cpu-cap=ins`: bit numbers by their names in
 * /proc/cpuinfo. The list is that of CRIU, so that both give the same result.
 */
export const INSTRUCTIONS: ReadonlyMap<number, Readonly<Record<string, number>>> = new Map<
  number,
  Readonly<Record<string, number>>
>([
  [
    WORD.LEAF_1_EDX,
    { fpu: 0, tsc: 4, cx8: 8, sep: 11, cmov: 15, clflush: 19, mmx: 23, fxsr: 24, sse: 25, sse2: 26 },
  ],
  [WORD.LEAF_80000001_EDX, { syscall: 11, mmxext: 22, rdtscp: 27, '3dnowext': 30, '3dnow': 31 }],
  [WORD.LINUX_1, { rep_good: 16, nopl: 20 }],
  [
    WORD.LEAF_1_ECX,
    {
      pni: 0,
      pclmulqdq: 1,
      monitor: 3,
      ssse3: 9,
      cx16: 13,
      sse4_1: 19,
      sse4_2: 20,
      movbe: 22,
      popcnt: 23,
      aes: 25,
      xsave: 26,
      osxsave: 27,
      avx: 28,
      f16c: 29,
      rdrand: 30,
    },
  ],
  [
    WORD.LEAF_80000001_ECX,
    { abm: 5, sse4a: 6, misalignsse: 7, '3dnowprefetch': 8, xop: 11, fma4: 16, tbm: 21 },
  ],
  [
    WORD.LEAF_7_EBX,
    {
      fsgsbase: 0,
      bmi1: 3,
      hle: 4,
      avx2: 5,
      bmi2: 8,
      erms: 9,
      rtm: 11,
      mpx: 14,
      avx512f: 16,
      avx512dq: 17,
      rdseed: 18,
      adx: 19,
      clflushopt: 23,
      avx512pf: 26,
      avx512er: 27,
      avx512cd: 28,
      sha_ni: 29,
      avx512bw: 30,
      avx512vl: 31,
    },
  ],
  [WORD.LEAF_D1_EAX, { xsaveopt: 0, xsavec: 1, xgetbv1: 2 }],
  [
    WORD.LEAF_7_ECX,
    {
      avx512vbmi: 1,
      avx512_vbmi2: 6,
      gfni: 8,
      vaes: 9,
      vpclmulqdq: 10,
      avx512_vnni: 11,
      avx512_bitalg: 12,
      tme: 13,
      avx512_vpopcntdq: 14,
      rdpid: 22,
    },
  ],
  [WORD.LEAF_80000008_EBX, { clzero: 0 }],
  [WORD.LEAF_7_EDX, { avx512_4vnniw: 2, avx512_4fmaps: 3 }],
]);

export function has(words: readonly number[], [word, bit]: Feature): boolean {
  return (((words[word] ?? 0) >>> bit) & 1) === 1;
}

/** Name of a feature; word and bit if it is not an instruction. */
export function nameOf(word: number, bit: number): string {
  const names = INSTRUCTIONS.get(word) ?? {};
  return Object.keys(names).find((name) => names[name] === bit) ?? `${word}:${bit}`;
}

/** The bits that are set in a word, ascending. */
export function bitsOf(word: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (word >>> bit) & 1);
}
