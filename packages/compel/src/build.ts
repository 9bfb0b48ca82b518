// Builds a parasite from C sources: compiler flags, support code of this package, packing.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packElf } from './blob.js';

const here = (path: string) => fileURLToPath(new URL(`../parasite/${path}`, import.meta.url));

/** Directory of the support headers. */
export const includeFolder = /* @__PURE__ */ here('include');
/** Sources that are linked into every parasite. */
export const supportSources = [/* @__PURE__ */ here('src/support.c')];

/** Flags for freestanding, position-independent code without libc. */
export const CFLAGS = [
  '-ffreestanding',
  '-fPIE',
  '-fvisibility=hidden',
  '-fno-stack-protector',
  '-fcf-protection=none',
  '-fno-asynchronous-unwind-tables',
  '-fno-builtin',
] as const;
export const LDFLAGS = [
  '-static-pie',
  '-nostdlib',
  '-nostartfiles',
  '-Wl,-z,noexecstack',
  '-Wl,-z,norelro',
  '-Wl,--no-dynamic-linker',
  '-Wl,--build-id=none',
  '-Wl,-e,compel_enter',
] as const;

/** The parasite could not be built; the message has the compiler's output. */
export class BuildError extends Error {
  readonly code = 'BUILD_FAILED';
}

export interface BuildOptions {
  /** Compiler; default: $CC or cc. */
  readonly cc?: string;
  /** Further flags for the compiler. */
  readonly flags?: readonly string[];
  readonly name?: string;
}

/** Compiles C files into a parasite. Needs a C compiler and the kernel's headers. @throws BuildError, ElfError */
export function buildParasite(sources: readonly string[], options: BuildOptions = {}): Buffer {
  const { CC = 'cc' } = process.env;
  const cc = options.cc ?? CC;
  const dir = mkdtempSync(join(tmpdir(), 'compel-build-'));
  const elf = join(dir, 'parasite');
  const args = ['-O2', '-Wall', ...CFLAGS, '-I', includeFolder, ...(options.flags ?? [])];
  try {
    execFileSync(cc, [...args, ...LDFLAGS, ...sources, ...supportSources, '-o', elf], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return packElf(readFileSync(elf), options.name ?? basename(sources[0] ?? 'parasite'));
  } catch (cause) {
    const failure = cause as NodeJS.ErrnoException & { stderr?: Buffer };
    if (failure.code === 'ENOENT')
      throw new BuildError(
        `there is no C compiler "${cc}": building a parasite needs gcc or clang with binutils (or CC=...)`,
        { cause },
      );
    if (failure.stderr === undefined) throw cause;
    throw new BuildError(`${cc} failed:\n${failure.stderr}`, { cause });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
