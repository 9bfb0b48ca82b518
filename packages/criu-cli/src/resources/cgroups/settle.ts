// Writes the configuration of groups: permissions, and the values of the image.
import { join } from 'node:path';
import type { CgroupPropEntry } from '@criu/images';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  openSync,
  readFileSync,
  writeSync,
} from '@criu/native/fs';
import { CriuError } from '../../errors.js';
import { type Group, isRoot } from './image.js';
import { EARLY, MEMBERS } from './properties.js';

/** Values that a new group has. Writing these may not be permitted, and is not necessary. */
const AS_MADE: Readonly<Record<string, string>> = { 'memory.swappiness': '60', 'memory.oom_control': '0' };
const PERMISSIONS = 0o7777;

/** Whether a property freezes the group, which is done last. */
function freezes({ name, value }: CgroupPropEntry): boolean {
  return (name === 'cgroup.freeze' && value === '1') || name === 'freezer.state';
}

export function settlePermissions(folder: string, { entry: { dir_perms: perms } }: Group): void {
  if (!perms) return;
  chownSync(folder, perms.uid, perms.gid);
  chmodSync(folder, perms.mode & PERMISSIONS);
}

/** Writes the properties that require a group without members. */
export function settleEarly(folder: string, group: Group): void {
  for (const property of group.entry.properties) {
    const { name, value } = property;
    if (!EARLY.has(name) || AS_MADE[name] === value) continue;
    if (name === 'devices.list') settleDevices(folder, group, value);
    else settle(folder, group, property);
  }
}

/** Writes all other properties, when the tasks are in the group. */
export function settleLate(folder: string, group: Group): void {
  for (const property of group.entry.properties) {
    if (EARLY.has(property.name) || freezes(property)) continue;
    settle(folder, group, property);
  }
}

export function settleFreeze(folder: string, group: Group): void {
  for (const property of group.entry.properties) if (freezes(property)) settle(folder, group, property);
}

function settle(folder: string, group: Group, { name, value, perms }: CgroupPropEntry): void {
  withFile(folder, name, group, (fd, write) => {
    if (perms) {
      fchownSync(fd, perms.uid, perms.gid);
      fchmodSync(fd, perms.mode & PERMISSIONS);
    }
    if (MEMBERS.has(name)) return;
    if (name === 'cgroup.subtree_control') {
      const changes = subtreeChanges(readFileSync(join(folder, name), 'utf8').trim(), value);
      // The root of a hierarchy may have both tasks and groups with controllers. A group that takes its place may not:
      // EBUSY (cgroup-v2.rst of the kernel, No Internal Process Constraint).
      if (isRoot(group.entry)) for (const change of changes) write(change, true);
      else if (changes.length > 0) write(changes.join(' '));
    } else if (name === 'cgroup.type') {
      if (value === 'threaded') write(value);
    } else if (name === 'net_prio.ifpriomap') {
      // One write per line. The default 0 is skipped, as this machine may not have that interface.
      for (const line of value.split('\n')) if (line !== '' && !/ 0$/.test(line)) write(line, true);
    } else {
      // Newer kernels have no separate limit for kernel memory any more.
      write(value, name === 'memory.kmem.limit_in_bytes');
    }
  });
}

/** devices.list is read-only; the same list is made by denying everything and then allowing each entry. */
function settleDevices(folder: string, group: Group, value: string): void {
  withFile(folder, 'devices.deny', group, (_fd, write) => write('a'));
  if (value !== '')
    withFile(folder, 'devices.allow', group, (_fd, write) => {
      for (const line of value.split('\n')) write(line);
    });
}

function subtreeChanges(now: string, wanted: string): string[] {
  const list = (text: string) => text.split(' ').filter(Boolean);
  const have = new Set(list(now));
  const want = new Set(list(wanted));
  return [
    ...[...have].filter((name) => !want.has(name)).map((name) => `-${name}`),
    ...[...want].filter((name) => !have.has(name)).map((name) => `+${name}`),
  ];
}

type Write = (text: string, mayFail?: boolean) => void;

function withFile(folder: string, name: string, group: Group, use: (fd: number, write: Write) => void): void {
  const fail = (error: unknown, text?: string): CriuError =>
    new CriuError(
      'SYSCALL',
      `cannot set ${name}${text === undefined ? '' : ` to "${text}"`} in the cgroup ${group.path}`,
      { file: 'cgroup.img' },
      'this machine may not have what the group had; --manage-cgroups=none takes groups as they are, =ignore leaves them out',
      error,
    );
  let fd: number;
  try {
    fd = openSync(join(folder, name), constants.O_WRONLY);
  } catch (error) {
    throw fail(error);
  }
  try {
    use(fd, (text, mayFail = false) => {
      try {
        writeSync(fd, text);
      } catch (error) {
        if (!mayFail) throw fail(error, text);
      }
    });
  } catch (error) {
    throw error instanceof CriuError ? error : fail(error);
  } finally {
    closeSync(fd);
  }
}
