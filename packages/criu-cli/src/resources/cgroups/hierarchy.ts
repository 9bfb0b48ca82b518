// Access to a cgroup hierarchy: by an existing mount, by a mount of our own that is not attached anywhere (fsopen(2)),
// or in a directory that the user has prepared (`--cgroup-yard`).
import { join } from 'node:path';
import { close as closeFd, cstring, SysError, sys } from '@criu/native';
import { closeSync, constants, openSync, statSync } from '@criu/native/fs';
import {
  FSCONFIG_CMD_CREATE,
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
} from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../errors.js';
import { type MountInfo, readMountInfo, splitMountOptions } from '../../proc/index.js';
import { mountIdOf } from '../../views/mounts.js';

const NAMED = 'name=';
const MOUNT_TRIES = 100;
const MOUNT_PAUSE_MS = 10;

/** Name of a hierarchy for messages. */
export function hierarchyTitle(name: string): string {
  return name === '' ? 'the unified cgroup hierarchy' : `the cgroup hierarchy ${name}`;
}

/** Whether a hierarchy has a controller or name; the unified one has the empty name. */
export function hasController(hierarchy: string, controller: string): boolean {
  return hierarchy === controller || hierarchy.split(',').includes(controller);
}

export class Hierarchy {
  private constructor(
    /** As in /proc/PID/cgroup: `cpu,cpuacct`, `name=systemd`, or empty for the unified hierarchy. */
    readonly name: string,
    private readonly fd: number,
  ) {}

  /**
   * Opens a hierarchy.
   * @param yard directory with a folder for each hierarchy, named by its controllers joined by commas, by its name, or
   * `unified`
   * @param mounts the mounts that this process sees
   * @throws CriuError
   */
  static open(name: string, yard: string | undefined, mounts: readonly MountInfo[] = []): Hierarchy {
    const fd =
      yard === undefined ? (openMounted(name, mounts) ?? mountHierarchy(name)) : openYard(name, yard);
    return new Hierarchy(name, fd);
  }

  get unified(): boolean {
    return this.name === '';
  }

  /** Path under which this process reaches a group. */
  path(group: string): string {
    return join(`/proc/self/fd/${this.fd}`, '.', group);
  }

  close(): void {
    closeSync(this.fd);
  }
}

function openYard(name: string, yard: string): number {
  const folder = name === '' ? 'unified' : name.startsWith(NAMED) ? name.slice(NAMED.length) : name;
  const path = join(yard, folder);
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw asCriuError(error, `${hierarchyTitle(name)} is not in the cgroup yard`, { file: path });
  }
}

/** Whether a mount shows the whole hierarchy and is writable. */
function shows({ fsType, root, options, superOptions }: MountInfo, name: string): boolean {
  if (root !== '/' || !options.includes('rw')) return false;
  if (name === '') return fsType === 'cgroup2';
  const [controller = name] = name.split(',');
  // A controller or name belongs to one hierarchy only.
  return fsType === 'cgroup' && splitMountOptions(superOptions).includes(controller);
}

/**
 * Opens a hierarchy at an existing mount; undefined if there is none. This is preferred to a mount of our own, since
 * for each unmount the kernel waits for all CPUs (RCU): tens of milliseconds for each of a dozen hierarchies on a busy
 * machine, while tasks are stopped.
 */
function openMounted(name: string, mounts: readonly MountInfo[]): number | undefined {
  for (const mount of mounts) {
    if (!shows(mount, name)) continue;
    try {
      const fd = openSync(mount.mountPoint, constants.O_RDONLY | constants.O_DIRECTORY);
      // Another mount may cover it.
      if (mountIdOf(fd) === mount.mntId) return fd;
      closeSync(fd);
    } catch {
      // The path leads through a hidden folder.
    }
  }
  return undefined;
}

/**
 * Mounts a hierarchy, detached. One that was unmounted a moment ago cannot be mounted again until the kernel has removed it,
 * hence the retries.
 * @returns a descriptor of the mount
 */
export function mountHierarchy(name: string): number {
  for (let tries = MOUNT_TRIES; ; tries--) {
    try {
      return mountOnce(name);
    } catch (error) {
      if (error instanceof SysError && error.code === 'EBUSY' && tries > 0) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MOUNT_PAUSE_MS);
        continue;
      }
      throw new CriuError(
        'SYSCALL',
        `cannot mount ${hierarchyTitle(name)}`,
        {},
        'mount it yourself and name the directory with --cgroup-yard, or leave cgroups alone with --manage-cgroups=ignore',
        error,
      );
    }
  }
}

function mountOnce(name: string): number {
  const context = sys('fsopen', cstring(name === '' ? 'cgroup2' : 'cgroup'), FSOPEN_CLOEXEC);
  try {
    if (name.startsWith(NAMED)) {
      sys('fsconfig', context, FSCONFIG_SET_FLAG, cstring('none'), null, 0);
      sys('fsconfig', context, FSCONFIG_SET_STRING, cstring('name'), cstring(name.slice(NAMED.length)), 0);
    } else if (name !== '') {
      for (const controller of name.split(','))
        sys('fsconfig', context, FSCONFIG_SET_FLAG, cstring(controller), null, 0);
    }
    sys('fsconfig', context, FSCONFIG_CMD_CREATE, null, null, 0);
    return sys('fsmount', context, FSMOUNT_CLOEXEC, 0);
  } finally {
    closeFd(context);
  }
}

/** Open hierarchies, by name. */
export class Hierarchies {
  private readonly open = new Map<string, Hierarchy>();
  private mounts: readonly MountInfo[] | undefined;

  constructor(private readonly yard: string | undefined) {}

  get(name: string): Hierarchy {
    let hierarchy = this.open.get(name);
    if (!hierarchy) {
      this.mounts ??= readMountInfo(process.pid);
      hierarchy = Hierarchy.open(name, this.yard, this.mounts);
      this.open.set(name, hierarchy);
    }
    return hierarchy;
  }

  close(): void {
    for (const hierarchy of this.open.values()) hierarchy.close();
    this.open.clear();
  }
}

/** Whether a path exists. @throws the error of stat(2) for other failures than ENOENT */
export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
