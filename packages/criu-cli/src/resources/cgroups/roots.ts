// `--cgroup-root [CONTROLLER:]PATH`: groups are restored at another place in the hierarchy.
import { posix } from 'node:path';
import { CriuError } from '../../errors.js';
import { hasController } from './hierarchy.js';

export interface CgroupRoots {
  readonly all: string | undefined;
  readonly byController: ReadonlyMap<string, string>;
}

/** @throws CriuError BAD_OPTION */
export function parseRoots(values: readonly string[]): CgroupRoots {
  let all: string | undefined;
  const byController = new Map<string, string>();
  for (const value of values) {
    const [, controller, place = ''] = /^(?:([^/:][^:]*|):)?(.*)$/s.exec(value) ?? [];
    if (place === '' || !isGroupPath(place))
      throw new CriuError(
        'BAD_OPTION',
        `bad value for --cgroup-root: ${value}`,
        {},
        'it is [CONTROLLER:]/PATH',
      );
    // LXC omits the leading slash.
    const path = posix.join('/', place);
    if (controller === undefined) all = path;
    else byController.set(controller, path);
  }
  return { all, byController };
}

/** The new root for a hierarchy; `undefined` if it stays the same. */
export function newRoot({ all, byController }: CgroupRoots, hierarchy: string): string | undefined {
  // The unified hierarchy has the empty name.
  for (const [controller, path] of byController)
    if (controller === '' ? hierarchy === '' : hasController(hierarchy, controller)) return path;
  return all;
}

/** Whether a path stays inside of the hierarchy. */
export function isGroupPath(path: string): boolean {
  return !path.includes('\0') && !path.split('/').some((part) => part === '..' || part === '.');
}
