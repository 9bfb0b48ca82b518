// The extents of a file as its file system reports them: FS_IOC_FIEMAP (linux/fiemap.h).
import { SysError, sysRaw } from '@criu/native';
import { EOPNOTSUPP, FIEMAP_EXTENT_LAST, FIEMAP_FLAG_SYNC, FS_IOC_FIEMAP } from '@criu/native/uapi';

/** Bytes of a file, `end` exclusive. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Sizes and offsets of struct fiemap without extents, and of struct fiemap_extent. */
const HEADER = { size: 32, start: 0, length: 8, flags: 16, mapped: 20, room: 24 } as const;
const EXTENT = { size: 56, logical: 0, length: 16, flags: 40 } as const;
const AT_ONCE = 128;

/**
 * The parts of a file that are not holes, adjacent ones merged; preallocated space counts as data. The file position
 * does not change.
 * @returns undefined if the file system does not support it
 * @throws SysError
 */
export function mappedExtents(fd: number, size: number): Extent[] | undefined {
  const struct = Buffer.alloc(HEADER.size + AT_ONCE * EXTENT.size);
  const found: { start: number; end: number }[] = [];
  for (let at = 0; at < size; ) {
    struct.fill(0);
    struct.writeBigUInt64LE(BigInt(at), HEADER.start);
    struct.writeBigUInt64LE(BigInt(size - at), HEADER.length);
    // FIEMAP_FLAG_SYNC writes delayed allocations to disk first.
    struct.writeUInt32LE(FIEMAP_FLAG_SYNC, HEADER.flags);
    struct.writeUInt32LE(AT_ONCE, HEADER.room);
    const result = sysRaw('ioctl', fd, FS_IOC_FIEMAP, struct);
    if (result === -EOPNOTSUPP) return undefined;
    if (result < 0) throw new SysError('ioctl(FS_IOC_FIEMAP)', -result);
    const count = struct.readUInt32LE(HEADER.mapped);
    if (count === 0) break;
    for (let i = 0; i < count; i++) {
      const base = HEADER.size + i * EXTENT.size;
      const start = Number(struct.readBigUInt64LE(base + EXTENT.logical));
      const end = Math.min(size, start + Number(struct.readBigUInt64LE(base + EXTENT.length)));
      if (struct.readUInt32LE(base + EXTENT.flags) & FIEMAP_EXTENT_LAST) at = size;
      else at = Math.max(at, end);
      const last = found.at(-1);
      if (last && start <= last.end) last.end = Math.max(last.end, end);
      else if (start < end) found.push({ start, end });
    }
  }
  return found;
}
