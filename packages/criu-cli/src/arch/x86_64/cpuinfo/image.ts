// cpuinfo.img, the CPU of a dump.
import type { CpuinfoEntry, CpuinfoX86Entry, Encodable } from '@criu/images';
import { CriuError } from '../../../errors.js';
import type { CpuFacts } from './facts.js';
import { VERSION, WORDS_OF_VERSION } from './words.js';

export const CPUINFO_FILE = 'cpuinfo.img';
/** Values of `cpuinfo_x86_entry.vendor_id`. */
const VENDOR_IDS = { intel: 1, amd: 2 } as const;

export function cpuinfoEntry(facts: CpuFacts): Encodable<CpuinfoEntry> {
  return {
    x86_entry: [
      {
        vendor_id: VENDOR_IDS[facts.vendor],
        cpu_family: facts.family,
        model: facts.model,
        stepping: facts.stepping,
        capability_ver: VERSION,
        capability: [...facts.words],
        ...(facts.modelName ? { model_id: facts.modelName } : {}),
        xfeatures_mask: facts.xfeatures,
        xsave_size: facts.xsaveSize,
        xsave_size_max: facts.xsaveSizeMax,
      },
    ],
  };
}

/**
 * @param here used for properties that older images do not record
 * @throws CriuError BAD_IMAGE
 */
export function factsOfEntry({ x86_entry: entries }: CpuinfoEntry, here: CpuFacts): CpuFacts {
  const [entry, ...more] = entries;
  if (entry === undefined || more.length > 0)
    throw bad(`it describes ${entries.length} processors of the x86 kind, not one`);
  const count = WORDS_OF_VERSION.get(entry.capability_ver);
  if (count === undefined) throw bad(`features of version ${entry.capability_ver} are not known`);
  if (entry.capability.length !== count)
    throw bad(
      `features of version ${entry.capability_ver} are ${count} words, not ${entry.capability.length}`,
    );
  return {
    vendor: vendorOf(entry),
    family: entry.cpu_family,
    model: entry.model,
    stepping: entry.stepping,
    modelName: entry.model_id ?? '',
    words: [...entry.capability, ...here.words.slice(count)],
    xfeatures: entry.xfeatures_mask ?? here.xfeatures,
    xsaveSize: entry.xsave_size ?? here.xsaveSize,
    xsaveSizeMax: entry.xsave_size_max ?? here.xsaveSizeMax,
  };
}

function vendorOf({ vendor_id: id }: CpuinfoX86Entry): CpuFacts['vendor'] {
  if (id === VENDOR_IDS.intel) return 'intel';
  if (id === VENDOR_IDS.amd) return 'amd';
  throw bad(`the maker ${id} of the processor is not known`);
}

function bad(message: string): CriuError {
  return new CriuError('BAD_IMAGE', message, { file: CPUINFO_FILE });
}
