// The mounts of a namespace as the kernel lists them, in the terms of images.

import {
  MS_NOATIME,
  MS_RELATIME,
  MS_SHARED,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_UNBINDABLE,
} from '@criu/native/uapi';
import { MOUNT_OPTIONS, SUPER_OPTIONS } from '../../../images/mount-flags.js';
import { type MountInfo, splitMountOptions } from '../../../proc/index.js';
import { FILE_SYSTEMS, type FileSystem, FsType } from './filesystems.js';

export interface FoundMount {
  readonly info: MountInfo;
  readonly id: number;
  readonly parentId: number;
  /** Device number in the kernel's encoding. */
  readonly dev: number;
  readonly root: string;
  /** Root of the tasks' cgroup namespace, if the mount shows cgroups outside of it. */
  readonly beyond?: string | undefined;
  /** The hierarchy of a mount of cgroups, named as in /proc/PID/cgroup, if `beyond` is set. */
  readonly hierarchy?: string | undefined;
  /** The root of the mount was removed. */
  readonly deleted: boolean;
  readonly mountpoint: string;
  readonly flags: number;
  readonly superFlags: number;
  /** Options of the file system as in mountinfo. */
  readonly options: string;
  /** Undefined for a file system that is not created anew. */
  readonly fs: FileSystem | undefined;
}

const DELETED = '//deleted';

function flagsIn(options: readonly string[]): number {
  let flags = 0;
  for (const option of options) flags |= MOUNT_OPTIONS[option] ?? 0;
  // The kernel does not show strictatime.
  return flags & (MS_RELATIME | MS_NOATIME) ? flags : flags | MS_STRICTATIME;
}

function propagationOf(info: MountInfo): number {
  let flags = 0;
  if (info.shared !== undefined) flags |= MS_SHARED;
  if (info.master !== undefined) flags |= MS_SLAVE;
  if (info.unbindable) flags |= MS_UNBINDABLE;
  return flags;
}

function find(fsType: string, always: readonly string[]): FileSystem | undefined {
  const name = fsType.split('.')[0] ?? fsType;
  const known = FILE_SYSTEMS.find((fs) => fs.name === name && fs.code !== FsType.FUSE);
  if (known) return known;
  return always.includes('all') || always.includes(name) ? { code: FsType.AUTO, name: fsType } : undefined;
}

/** The options of a superblock as in mountinfo: those that are flags, and others. */
function splitSuper(text: string): Pick<FoundMount, 'superFlags' | 'options'> {
  const flagged = splitMountOptions(text).reduce((sum, word) => sum | (SUPER_OPTIONS[word] ?? 0), 0);
  const others = text.split(',').filter((word) => word !== 'rw' && SUPER_OPTIONS[word] === undefined);
  return { superFlags: flagged, options: others.join(',') };
}

/** Remembers what a function made of a value: many mounts have the same. */
function once<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found as V;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}

/** @param always names of `--enable-fs` */
export function foundMounts(mounts: readonly MountInfo[], always: readonly string[]): FoundMount[] {
  const flagsOf = once(flagsIn);
  const superOf = once(splitSuper);
  const fsOf = once((fsType: string) => find(fsType, always));
  return mounts.map((info): FoundMount => {
    const deleted = info.root.endsWith(DELETED);
    const { superFlags, options } = superOf(info.superOptions);
    return {
      info,
      id: info.mntId,
      parentId: info.parentId,
      dev: ((info.major << 20) | info.minor) >>> 0,
      root: deleted ? info.root.slice(0, -DELETED.length) : info.root,
      deleted,
      mountpoint: info.mountPoint,
      flags: flagsOf(info.options) | propagationOf(info),
      superFlags,
      options,
      fs: fsOf(info.fsType),
    };
  });
}
