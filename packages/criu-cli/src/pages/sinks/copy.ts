// Copies between files of which the kernel itself copies nothing: those of huge pages.
import { SysError, sysRaw } from '@criu/native';

/** Copies through a buffer between files of which the kernel itself copies nothing. @throws SysError */
export function copyByReading(
  from: number,
  offset: number,
  to: number,
  position: number,
  length: number,
): void {
  const buffer = Buffer.alloc(Math.min(length, 2 << 20));
  for (let done = 0; done < length; ) {
    const want = Math.min(buffer.length, length - done);
    const n = sysRaw('pread64', from, buffer, want, offset + done);
    if (n < 0) throw new SysError('pread64', -n);
    if (n === 0) return;
    for (let put = 0; put < n; ) {
      const written = sysRaw('pwrite64', to, buffer.subarray(put), n - put, position + done + put);
      if (written <= 0) throw new SysError('pwrite64', written < 0 ? -written : 5);
      put += written;
    }
    done += n;
  }
}
