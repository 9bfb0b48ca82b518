// Environment variables that CRIU 4.2, its compel and its plugins read.
import type { Fact } from './fact.js';

const AMD = "they are of CRIU's plugin for AMD GPUs, which reads them itself when it is loaded (--libdir)";

export const VARIABLE_FACTS: readonly Fact[] = [
  { name: 'CRIU_CONFIG_FILE', is: 'works', seen: ['cli/config-command.test.ts'] },
  { name: 'HOME', is: 'works', seen: ['cli/config-file.test.ts'] },
  { name: 'CRIU_LIBS_DIR', is: 'works', seen: ['plugins/plugins.test.ts'] },
  { name: 'CR_IPTABLES', is: 'works', seen: ['namespaces/options.test.ts'] },
  { name: 'CRIU_FAULT', is: 'works', seen: ['cli/commands.test.ts'] },
  { name: 'CRIU_DEPRECATED', is: 'always', why: 'images of older versions are read' },
  { name: 'CRIU_PMC_OFF', is: 'always', why: 'nothing of /proc/PID/pagemap is kept for later' },
  { name: 'CRIU_TRACK_SHMEM', is: 'always', why: 'shared memory is compared with the images before' },
  { name: 'XDG_RUNTIME_DIR', is: 'always', why: 'nothing that was found out about the kernel is kept' },
  { name: 'CR_IP_TOOL', is: 'refused', why: 'no ip(8) is run', seen: ['cli/config-command.test.ts'] },
  {
    name: 'COMPEL_UNINSTALLED_ROOTDIR',
    is: 'always',
    why: 'compel finds its own files by where it is itself, installed or not',
  },
  ...[
    'KFD_FW_VER_CHECK',
    'KFD_SDMA_FW_VER_CHECK',
    'KFD_CACHES_COUNT_CHECK',
    'KFD_NUM_GWS_CHECK',
    'KFD_VRAM_SIZE_CHECK',
    'KFD_NUMA_CHECK',
    'KFD_CAPABILITY_CHECK',
    'KFD_MAX_BUFFER_SIZE',
  ].map((name): Fact => ({ name, is: 'always', why: AMD })),
];
