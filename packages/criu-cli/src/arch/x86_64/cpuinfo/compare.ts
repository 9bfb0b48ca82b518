// Decides whether programs that were started on one CPU can run on another.
import type { CpuClass } from '../../../options.js';
import type { CpuFacts } from './facts.js';
import { bitsOf, FPU, FXSR, has, INSTRUCTIONS, nameOf, OSXSAVE, XSAVES } from './words.js';

/**
 * @param there CPU of the dump
 * @param here CPU of this machine
 * @returns the differences that prevent a restore, as text; empty if there are none
 */
export function compareCpus(there: CpuFacts, here: CpuFacts, classes: readonly CpuClass[]): string[] {
  return [
    ...(classes.includes('fpu') ? registers(there, here) : []),
    ...(classes.includes('ins') ? instructions(there, here) : []),
    ...(classes.includes('cpu') ? everything(there, here) : []),
  ];
}

function registers(there: CpuFacts, here: CpuFacts): string[] {
  const out: string[] = [];
  const ways = { fpu: FPU, fxsr: FXSR, osxsave: OSXSAVE, xsaves: XSAVES };
  const missing = Object.entries(ways).filter(([, way]) => has(there.words, way) && !has(here.words, way));
  if (missing.length > 0)
    out.push(`it cannot save registers with ${missing.map(([name]) => name).join(', ')}`);
  const components = there.xfeatures & ~here.xfeatures;
  if (components) out.push(`it lacks the register state 0x${components.toString(16)} (bits of XCR0)`);
  // Programs ask the CPU for the size of the XSAVE area (libc does), and have saved registers in frames of that size.
  if (there.xsaveSize !== here.xsaveSize)
    out.push(`its XSAVE area has ${here.xsaveSize} bytes, and had ${there.xsaveSize}`);
  if (there.xsaveSizeMax !== here.xsaveSizeMax)
    out.push(`its largest XSAVE area has ${here.xsaveSizeMax} bytes, and had ${there.xsaveSizeMax}`);
  return out;
}

function instructions(there: CpuFacts, here: CpuFacts): string[] {
  const missing = [...INSTRUCTIONS].flatMap(([word, names]) =>
    Object.entries(names)
      .filter(([, bit]) => has(there.words, [word, bit]) && !has(here.words, [word, bit]))
      .map(([name]) => name),
  );
  return missing.length > 0 ? [`it lacks the instructions ${missing.join(', ')}`] : [];
}

function everything(there: CpuFacts, here: CpuFacts): string[] {
  const names = (of: CpuFacts, other: CpuFacts) =>
    of.words.flatMap((word, index) =>
      bitsOf((word & ~(other.words[index] ?? 0)) >>> 0).map((bit) => nameOf(index, bit)),
    );
  const [lacks, more] = [names(there, here), names(here, there)];
  const parts = [
    ...(lacks.length > 0 ? [`lacks ${lacks.join(', ')}`] : []),
    ...(more.length > 0 ? [`has ${more.join(', ')} beyond`] : []),
  ];
  return parts.length > 0 ? [`its features are not the same: it ${parts.join(' and ')}`] : [];
}
