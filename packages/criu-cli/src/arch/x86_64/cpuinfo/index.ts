// Records the CPU of a dump and compares it on restore: `--cpu-cap`, `criu cpuinfo dump` and `criu cpuinfo check`.
import { decodeImage, ImageDirectory, ImageError, type ImageFiles } from '@criu/images';
import { asCriuError, CriuError } from '../../../errors.js';
import { writeImageFile } from '../../../images/writer.js';
import type { CpuClass } from '../../../options.js';
import { compareCpus } from './compare.js';
import { type CpuFacts, cpuFacts } from './facts.js';
import { CPUINFO_FILE, cpuinfoEntry, factsOfEntry } from './image.js';

export { classesToCheck, parseCpuClasses } from '../../cpu-classes.js';
export { type CpuFacts, type Cpuid, cpuFacts } from './facts.js';
export { cpuinfoEntry } from './image.js';

/** Writes cpuinfo.img to a directory. @throws CriuError */
export function writeCpuinfo(dir: string): void {
  writeImageFile(dir, CPUINFO_FILE, 'CPUINFO', cpuinfoEntry(cpuFacts()));
}

/** Compares this machine with cpuinfo.img of a directory. @throws CriuError */
export function checkCpuinfo(dir: string, classes: readonly CpuClass[]): void {
  checkCpu(new ImageDirectory(dir), classes);
}

/**
 * Compares this machine with the CPU recorded in the images.
 * @throws CriuError IMAGE_MISSING or BAD_IMAGE; UNSUPPORTED naming all differences
 */
export function checkCpu(
  source: ImageFiles,
  classes: readonly CpuClass[],
  here: CpuFacts = cpuFacts(),
): void {
  if (!source.has(CPUINFO_FILE))
    throw new CriuError(
      'IMAGE_MISSING',
      'the images do not tell of the processor of the dump',
      { file: CPUINFO_FILE },
      'dump with --cpu-cap, or leave it out on the restore; for `criu cpuinfo check`, `criu cpuinfo dump` makes the file',
    );
  const there = factsOfEntry(read(source), here);
  const found = compareCpus(there, here, classes);
  if (found.length === 0) return;
  const name = there.modelName === here.modelName ? '' : ` (the dump is of ${there.modelName.trim()})`;
  throw new CriuError(
    'UNSUPPORTED',
    `this processor is not fit for the images: ${found.join('; ')}${name}`,
    { file: CPUINFO_FILE },
    'restore on a machine that is; --cpu-cap with fewer classes compares less, and none nothing',
  );
}

function read(source: ImageFiles) {
  try {
    const [item] = decodeImage('CPUINFO', source.read(CPUINFO_FILE), CPUINFO_FILE);
    if (item !== undefined) return item.entry;
  } catch (error) {
    if (error instanceof ImageError)
      throw new CriuError('BAD_IMAGE', 'the image cannot be read', { file: CPUINFO_FILE }, undefined, error);
    throw asCriuError(error, 'the image cannot be read', { file: CPUINFO_FILE });
  }
  throw new CriuError('BAD_IMAGE', 'the image is empty', { file: CPUINFO_FILE });
}
