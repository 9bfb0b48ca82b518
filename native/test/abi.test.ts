// The generated TypeScript tables are what the C headers say.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { abi, addon, agentBlobPath, agentPath, SysError, sys, sysRaw } from '@criu/native';
import { expect, test } from 'vitest';

const native = new URL('..', import.meta.url).pathname;

test.each([
  ['abi', 'abi.h'],
  ['uapi', "the kernel's headers"],
])('%s.generated.ts is made from %s as it stands', (name) => {
  const dir = mkdtempSync(join(tmpdir(), 'abi-'));
  try {
    const program = join(dir, 'print');
    const headers = ['include', 'arch/x86_64'].flatMap((folder) => ['-I', join(native, folder)]);
    execFileSync('cc', [...headers, '-o', program, join(native, `tools/print_${name}.c`)]);
    const text = execFileSync(program, { encoding: 'utf8' });
    expect(readFileSync(join(native, `lib/${name}.generated.ts`), 'utf8')).toBe(text);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('the addon loads and makes system calls', () => {
  expect(addon().abiVersion).toBe(abi.AGENT_ABI_VERSION);
  expect(sys('getpid')).toBe(process.pid);
  expect(sysRaw('close', 9999)).toBe(-9);
  expect(() => sys('close', 9999)).toThrow(SysError);
  expect(() => sys('close', 9999)).toThrow(/close: EBADF/);
});

test('the agent touches no vector or floating point register', () => {
  const text = execFileSync('objdump', ['-d', agentPath()], { encoding: 'utf8' });
  expect(text).toMatch(/syscall/);
  expect(text).not.toMatch(/%[xyz]mm|%st\(|\bfld|\bfst/);
  expect(readFileSync(agentBlobPath()).length).toBeLessThan(0x5000);
});
