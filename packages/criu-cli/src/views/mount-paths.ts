// Helpers for absolute paths of mounts and cgroups, which have no `.`, `..` or doubled slashes.

/** Whether `path` is `folder` or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** The part of a path below one of its parent folders, without leading slash; empty for the folder itself. */
export function below(path: string, folder: string): string {
  if (path === folder) return '';
  return folder === '/' ? path.slice(1) : path.slice(folder.length + 1);
}

/** A component that is empty, `.` or `..`, or a NUL. */
const NOT_PLAIN = /\/\.{0,2}(?:\/|$)|\0/;

/** Whether a path is absolute and has no `.`, `..`, empty or NUL components. */
export function isPlain(path: string): boolean {
  return path === '/' || (path.startsWith('/') && !NOT_PLAIN.test(path));
}

/** Number of folders above a path. */
export function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1;
}
