// Generates lib/syscalls.generated.ts from the kernel headers of this machine. Run by hand after they were updated.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const macros = execFileSync('cc', ['-E', '-dM', '-'], {
  input: '#include <asm/unistd.h>\n',
  encoding: 'utf8',
});
/** System calls that the headers of many systems lack. */
const LATER = { statmount: 457, mseal: 462 };
const rows = [...macros.matchAll(/^#define __NR_(\w+) (\d+)$/gm)]
  .map(([, name, nr]) => [name, Number(nr)])
  .concat(Object.entries(LATER).filter(([name]) => !macros.includes(`__NR_${name} `)))
  .sort((a, b) => a[1] - b[1]);
const lines = rows.map(([name, nr]) => `  ${name}: ${nr},`);
writeFileSync(
  new URL('../lib/syscalls.generated.ts', import.meta.url),
  `// System call numbers of x86_64, made from <asm/unistd.h> by tools/gen_syscalls.mjs; do not edit.\nexport const SYS = {\n${lines.join('\n')}\n} as const;\nexport type SyscallName = keyof typeof SYS;\n`,
);
