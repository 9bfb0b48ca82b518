// A hierarchy of control groups: where it is mounted, or mounted where only we see it (fsopen(2)), or in a yard that the user has prepared.
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

/** Its name for people and errors. */
export function hierarchyTitle(name: string): string {
  return name === '' ? 'the unified cgroup hierarchy' : `the cgroup hierarchy ${name}`;
}

/** Whether a hierarchy has a controller (or a name, or is the unified one: the empty name). */
export function hasController(hierarchy: string, controller: string): boolean {
  return hierarchy === controller || hierarchy.split(',').includes(controller);
}

export class Hierarchy {
  private constructor(
    /** As in /proc/PID/cgroup: `cpu,cpuacct`, `name=systemd`, or empty for the unified one. */
    readonly name: string,
    private readonly fd: number,
  ) {}

  /**
   * @param yard directory with a folder for each hierarchy: controllers joined by commas, the name of a named one,
   * `unified`
   * @param mounts those that this process sees
   * @throws CriuError
   */
  static open(name: string, yard: string | undefined, mounts: readonly MountInfo[] = []): Hierarchy {
    const fd = yard === undefined ? (openMounted(name, mounts) ?? mount(name)) : openYard(name, yard);
    return new Hierarchy(name, fd);
  }

  get unified(): boolean {
    return this.name === '';
  }

  /** Path of a group in it, for this process. */
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

/** Whether a mount shows all of a hierarchy, and lets it be changed. */
function shows({ fsType, root, options, superOptions }: MountInfo, name: string): boolean {
  if (root !== '/' || !options.includes('rw')) return false;
  if (name === '') return fsType === 'cgroup2';
  const [controller = name] = name.split(',');
  // A controller is of one hierarchy, and so is a name.
  return fsType === 'cgroup' && splitMountOptions(superOptions).includes(controller);
}

/**
 * Opens a hierarchy where it is mounted already; undefined if that is nowhere. A mount of our own has to be taken down again, for which
 * the kernel waits for all CPUs (RCU): tens of milliseconds for each of a dozen on a busy machine, while tasks stand still.
 */
function openMounted(name: string, mounts: readonly MountInfo[]): number | undefined {
  for (const mount of mounts) {
    if (!shows(mount, name)) continue;
    try {
      const fd = openSync(mount.mountPoint, constants.O_RDONLY | constants.O_DIRECTORY);
      // Something else may be mounted on it.
      if (mountIdOf(fd) === mount.mntId) return fd;
      closeSync(fd);
    } catch {
      // Behind a folder that is hidden.
    }
  }
  return undefined;
}

/** A hierarchy that was given up a moment ago cannot be had again until the kernel has taken it down. */
function mount(name: string): number {
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

/** Hierarchies that are open, each once. */
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

/** Whether a path is there; other failures than its absence are thrown. */
export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
