// Paths of mounts and groups: absolute, without `.`, `..` and doubled slashes.

/** Whether `path` is `folder` or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** What of a path lies below a folder that it is in: empty for the folder itself. */
export function below(path: string, folder: string): string {
  if (path === folder) return '';
  return folder === '/' ? path.slice(1) : path.slice(folder.length + 1);
}

/** Whether a path is absolute and leads nowhere but where it says. */
export function isPlain(path: string): boolean {
  if (path === '/') return true;
  if (!path.startsWith('/') || path.includes('\0')) return false;
  return path
    .slice(1)
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Number of folders above. */
export function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1;
}
