// The extents of a file as its file system reports them: FS_IOC_FIEMAP (linux/fiemap.h).
import { SysError, sysRaw } from '@criu/native';
import {
  EOPNOTSUPP,
  FIEMAP_EXTENT_LAST,
  FIEMAP_FLAG_SYNC,
  FS_IOC_FIEMAP,
  fiemap,
  fiemap_extent,
} from '@criu/native/uapi';

/** Bytes of a file, `end` exclusive. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

const AT_ONCE = 128;

/**
 * The parts of a file that are not holes, adjacent ones merged; preallocated space counts as data. The file position
 * does not change.
 * @returns undefined if the file system does not support it
 * @throws SysError
 */
export function mappedExtents(fd: number, size: number): Extent[] | undefined {
  const struct = Buffer.alloc(fiemap.sizeof + AT_ONCE * fiemap_extent.sizeof);
  const found: { start: number; end: number }[] = [];
  for (let at = 0; at < size; ) {
    struct.fill(0);
    struct.writeBigUInt64LE(BigInt(at), fiemap.fm_start);
    struct.writeBigUInt64LE(BigInt(size - at), fiemap.fm_length);
    // FIEMAP_FLAG_SYNC writes delayed allocations to disk first.
    struct.writeUInt32LE(FIEMAP_FLAG_SYNC, fiemap.fm_flags);
    struct.writeUInt32LE(AT_ONCE, fiemap.fm_extent_count);
    const result = sysRaw('ioctl', fd, FS_IOC_FIEMAP, struct);
    if (result === -EOPNOTSUPP) return undefined;
    if (result < 0) throw new SysError('ioctl(FS_IOC_FIEMAP)', -result);
    const count = struct.readUInt32LE(fiemap.fm_mapped_extents);
    if (count === 0) break;
    for (let i = 0; i < count; i++) {
      const base = fiemap.fm_extents + i * fiemap_extent.sizeof;
      const start = Number(struct.readBigUInt64LE(base + fiemap_extent.fe_logical));
      const end = Math.min(size, start + Number(struct.readBigUInt64LE(base + fiemap_extent.fe_length)));
      if (struct.readUInt32LE(base + fiemap_extent.fe_flags) & FIEMAP_EXTENT_LAST) at = size;
      else at = Math.max(at, end);
      const last = found.at(-1);
      if (last && start <= last.end) last.end = Math.max(last.end, end);
      else if (start < end) found.push({ start, end });
    }
  }
  return found;
}
