// The two-letter VmFlags of smaps (show_smap_vma_flags in the kernel), and how each is dumped: stored, derived from
// other state, or refused because it cannot be restored.
import { MAP_DROPPABLE, MAP_GROWSDOWN, MAP_HUGETLB, MAP_LOCKED, MAP_NORESERVE } from '@criu/native/uapi';

export type VmFlag =
  /** A flag of mmap(2). */
  | { readonly is: 'mapping'; readonly flag: number }
  /** An advice of madvise(2), by its number. */
  | { readonly is: 'advice'; readonly advice: number }
  /** A field of its own in the image. */
  | { readonly is: 'field'; readonly field: 'lock_on_fault' | 'sealed' }
  | { readonly is: 'derived'; readonly from: string }
  /** `unlessKernels`: the kernel sets it for its own mappings, too, where it is accepted. */
  | {
      readonly is: 'refused';
      readonly reason: string;
      readonly remedy?: string;
      readonly unlessKernels?: true;
    };

const mapping = (flag: number): VmFlag => ({ is: 'mapping', flag });
const advice = (number: number): VmFlag => ({ is: 'advice', advice: number });
const derived = (from: string): VmFlag => ({ is: 'derived', from });
const refused = (reason: string, remedy?: string): VmFlag => ({
  is: 'refused',
  reason,
  ...(remedy === undefined ? {} : { remedy }),
});

const PROTECTION = derived('the protection, which maps shows');
const FILE = derived('the file behind it and how it was opened');
const ANOTHER_CPU = refused('memory of another kind of CPU');
const DEVICE: VmFlag = {
  is: 'refused',
  reason: 'device memory is mapped',
  remedy: 'unmap it before the dump',
  unlessKernels: true,
};
const USERFAULTFD = refused(
  'its page faults go to a userfaultfd',
  'unregister the range before the dump (UFFDIO_UNREGISTER); after restore --lazy, wait until all memory is there',
);

export const VM_FLAGS: Readonly<Record<string, VmFlag>> = {
  rd: PROTECTION,
  wr: PROTECTION,
  ex: PROTECTION,
  sh: derived('MAP_SHARED, which maps shows'),
  mr: FILE,
  mw: FILE,
  me: FILE,
  ms: FILE,
  gd: mapping(MAP_GROWSDOWN),
  pf: DEVICE,
  io: DEVICE,
  lo: mapping(MAP_LOCKED),
  lf: { is: 'field', field: 'lock_on_fault' },
  sr: advice(2),
  rr: advice(1),
  dc: advice(10),
  dd: advice(16),
  mg: advice(12),
  hg: advice(14),
  nh: advice(15),
  wf: advice(18),
  de: derived('the kind of file: no program can ask for it'),
  ac: derived('MAP_NORESERVE and what is writable'),
  nr: mapping(MAP_NORESERVE),
  ht: mapping(MAP_HUGETLB),
  sf: refused('it is mapped with MAP_SYNC'),
  ar: FILE,
  mm: FILE,
  sd: derived('what was written since the marks were reset'),
  um: USERFAULTFD,
  uw: USERFAULTFD,
  ui: USERFAULTFD,
  ss: refused('it has a shadow stack'),
  dp: mapping(MAP_DROPPABLE),
  sl: { is: 'field', field: 'sealed' },
  gu: derived('guard regions, which are entries of their own'),
  // Flags without letters, and those of older kernels. One of a locked mapping is VM_LOCKONFAULT (`sumFlags`).
  '??': derived('the kernel itself'),
  dw: FILE,
  nl: refused('it is mapped with remap_file_pages(2)'),
  mp: derived('the kernel itself'),
  bt: ANOTHER_CPU,
  mt: ANOTHER_CPU,
};

/** All flags of a mapping combined. */
export interface FlagSum {
  readonly flags: number;
  readonly madv: bigint;
  readonly fields: { readonly lock_on_fault?: true; readonly sealed?: true };
  readonly refused: Extract<VmFlag, { is: 'refused' }> | undefined;
  /** Flags of a kernel that is newer than this list. */
  readonly unknown: readonly string[];
}

export function sumFlags(codes: readonly string[]): FlagSum {
  let flags = 0;
  let madv = 0n;
  let reason: FlagSum['refused'];
  const fields: { lock_on_fault?: true; sealed?: true } = {};
  const unknown: string[] = [];
  for (const code of codes) {
    const flag = VM_FLAGS[code];
    if (!flag) unknown.push(code);
    else if (flag.is === 'mapping') flags |= flag.flag;
    else if (flag.is === 'advice') madv |= 1n << BigInt(flag.advice);
    else if (flag.is === 'field') fields[flag.field] = true;
    else if (flag.is === 'refused') reason ??= flag;
  }
  // VM_LOCKONFAULT has no letters before `lf`; no other flag without letters goes with a lock.
  if (codes.includes('lo') && codes.includes('??')) fields.lock_on_fault = true;
  return { flags, madv, fields, refused: reason, unknown };
}
