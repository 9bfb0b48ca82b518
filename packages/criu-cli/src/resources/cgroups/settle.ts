// Writes the configuration of groups: their permissions and the files that the image has values for.
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
import type { Group } from './image.js';
import { EARLY, MEMBERS } from './properties.js';

/** Values that a new group has: writing them may not be allowed, or needed. */
const AS_MADE: Readonly<Record<string, string>> = { 'memory.swappiness': '60', 'memory.oom_control': '0' };
const PERMISSIONS = 0o7777;

/** Freezing comes when all else is done. */
function freezes({ name, value }: CgroupPropEntry): boolean {
  return (name === 'cgroup.freeze' && value === '1') || name === 'freezer.state';
}

export function settlePermissions(folder: string, { entry: { dir_perms: perms } }: Group): void {
  if (!perms) return;
  chownSync(folder, perms.uid, perms.gid);
  chmodSync(folder, perms.mode & PERMISSIONS);
}

/** What can only be written to a group without members. */
export function settleEarly(folder: string, group: Group): void {
  for (const property of group.entry.properties) {
    const { name, value } = property;
    if (!EARLY.has(name) || AS_MADE[name] === value) continue;
    if (name === 'devices.list') settleDevices(folder, group, value);
    else settle(folder, group, property);
  }
}

/** All else, once the tasks are in. */
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
      const change = subtreeChange(readFileSync(join(folder, name), 'utf8').trim(), value);
      if (change) write(change);
    } else if (name === 'cgroup.type') {
      if (value === 'threaded') write(value);
    } else if (name === 'net_prio.ifpriomap') {
      // A line a write; 0 is what an interface has anyway, and this machine may have others.
      for (const line of value.split('\n')) if (line !== '' && !/ 0$/.test(line)) write(line, true);
    } else {
      // Kernels have given up on limits of their own for kernel memory.
      write(value, name === 'memory.kmem.limit_in_bytes');
    }
  });
}

/** The list of what is allowed can only be read; it is made by denying all and then allowing each. */
function settleDevices(folder: string, group: Group, value: string): void {
  withFile(folder, 'devices.deny', group, (_fd, write) => write('a'));
  if (value !== '')
    withFile(folder, 'devices.allow', group, (_fd, write) => {
      for (const line of value.split('\n')) write(line);
    });
}

function subtreeChange(now: string, wanted: string): string {
  const list = (text: string) => text.split(' ').filter(Boolean);
  const have = new Set(list(now));
  const want = new Set(list(wanted));
  return [
    ...[...have].filter((name) => !want.has(name)).map((name) => `-${name}`),
    ...[...want].filter((name) => !have.has(name)).map((name) => `+${name}`),
  ].join(' ');
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
