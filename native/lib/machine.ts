// Machines that the native part runs on, and error messages for others.

/** The native part cannot be used: it is not built, does not fit the machine, or has another version. */
export class NativeLoadError extends Error {
  readonly code = 'NATIVE_LOAD';
}

export interface Machine {
  /** As `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  /** Version of glibc; undefined if node uses another C library. */
  readonly glibc: string | undefined;
}

/** Minimal version of glibc for the binaries; their build checks it (tools/elf.mjs). */
const GLIBC = [2, 28] as const;

/** The machine of this process. The call takes milliseconds. */
export function thisMachine(): Machine {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return { platform: process.platform, arch: process.arch, glibc: header?.glibcVersionRuntime };
}

/** The reason why the native part cannot run on a machine, with advice; `undefined` if it can. */
export function unfitMachine({ platform, arch, glibc }: Machine): string | undefined {
  if (platform !== 'linux') return `processes are checkpointed on Linux only, and this is ${platform}`;
  if (arch !== 'x64')
    return (
      `there is no native part for ${arch}: processes are checkpointed on x86_64 only ` +
      '(images can be read and changed everywhere, with @criu/images and crit)'
    );
  const wanted = `the native part needs glibc ${GLIBC.join('.')} or newer`;
  const remedy = 'use a distribution that has it, as Debian 10, Fedora 29, RHEL 8, Ubuntu 18.10 or newer';
  if (glibc === undefined)
    return `${wanted}, and this node is linked with another C library (musl, as on Alpine Linux): ${remedy}`;
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  if (major < GLIBC[0] || (major === GLIBC[0] && minor < GLIBC[1]))
    return `${wanted}, and this is glibc ${glibc}: ${remedy}`;
  return undefined;
}
