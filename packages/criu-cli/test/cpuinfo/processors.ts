// Processors to compare: this machine's CPUID as it was recorded, and others from what /proc/cpuinfo says of them.
import { type CpuFacts, type Cpuid, cpuFacts } from '../../src/arch/x86_64/cpuinfo/facts.js';
import { INSTRUCTIONS, OSXSAVE, WORDS, XSAVES } from '../../src/arch/x86_64/cpuinfo/words.js';

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

/** Lines `flags` of /proc/cpuinfo as they were recorded: of a Xeon E5-2680 v3 in a virtual machine, */
const HASWELL =
  'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ss ' +
  'syscall nx pdpe1gb rdtscp lm constant_tsc arch_perfmon rep_good nopl xtopology eagerfpu pni pclmulqdq ' +
  'vmx ssse3 fma cx16 pcid sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave avx f16c rdrand ' +
  'hypervisor lahf_lm abm invpcid_single ssbd ibrs ibpb stibp tpr_shadow vnmi flexpriority ept vpid ' +
  'fsgsbase tsc_adjust bmi1 avx2 smep bmi2 erms invpcid xsaveopt arat md_clear spec_ctrl intel_stibp';
/** a dual Xeon of the first Scalable generation, */
const SKYLAKE =
  'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush dts acpi mmx fxsr sse ' +
  'sse2 ss ht tm pbe syscall nx pdpe1gb rdtscp lm constant_tsc art arch_perfmon pebs bts rep_good nopl ' +
  'xtopology nonstop_tsc cpuid aperfmperf pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 sdbg ' +
  'fma cx16 xtpr pdcm pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave avx f16c ' +
  'rdrand lahf_lm abm 3dnowprefetch cpuid_fault epb cat_l3 cdp_l3 invpcid_single pti intel_ppin ssbd mba ' +
  'ibrs ibpb stibp tpr_shadow vnmi flexpriority ept vpid ept_ad fsgsbase tsc_adjust bmi1 hle avx2 smep bmi2 ' +
  'erms invpcid rtm cqm mpx rdt_a avx512f avx512dq rdseed adx smap clflushopt clwb intel_pt avx512cd ' +
  'avx512bw avx512vl xsaveopt xsavec xgetbv1 xsaves cqm_llc cqm_occup_llc cqm_mbm_total cqm_mbm_local ' +
  'dtherm arat pln pts pku ospke md_clear flush_l1d arch_capabilities';
/** and a Ryzen 5 3600. */
const ZEN2 =
  'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht ' +
  'syscall nx mmxext fxsr_opt pdpe1gb rdtscp lm constant_tsc rep_good nopl nonstop_tsc cpuid extd_apicid ' +
  'aperfmperf pni pclmulqdq monitor ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave avx f16c rdrand ' +
  'lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs skinit wdt tce ' +
  'topoext perfctr_core perfctr_nb bpext perfctr_llc mwaitx cpb cat_l3 cdp_l3 hw_pstate sme ssbd mba sev ' +
  'ibpb stibp vmmcall fsgsbase bmi1 avx2 smep bmi2 cqm rdt_a rdseed adx smap clflushopt clwb sha_ni ' +
  'xsaveopt xsavec xgetbv1 xsaves cqm_llc cqm_occup_llc cqm_mbm_total cqm_mbm_local clzero irperf ' +
  'xsaveerptr rdpru wbnoinvd arat npt lbrv svm_lock nrip_save tsc_scale vmcb_clean flushbyasid ' +
  'decodeassists pausefilter pfthreshold avic v_vmsave_vmload vgif umip rdpid overflow_recov succor smca';
/** What is left of the first on a processor of 2009, from Intel's manuals: no recorded line of a kernel that tells all of it. */
const NEHALEM =
  'fpu tsc cx8 sep cmov clflush mmx fxsr sse sse2 syscall rdtscp nopl rep_good pni pclmulqdq ssse3 cx16 sse4_1 sse4_2 popcnt';

/** Flags, state components, and sizes of the XSAVE area. */
const KNOWN: Readonly<Record<string, readonly [string, bigint, number]>> = {
  nehalem: [NEHALEM, 0n, 0],
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
