/** File and task names as the kernel writes them in `/proc`: bytes, octal escapes and the mark of deletion. */

const BACKSLASH = 0x5c;

/**
 * Undoes the octal escapes (`\040`) of mangle_path() and seq_escape(), for files that also escape the backslash
 * (mountinfo) and thus are unambiguous. A backslash without three octal digits stays.
 */
export function unescapeOctal(raw: string): string {
  let at = raw.indexOf('\\');
  if (at < 0) return raw;
  let out = '';
  let from = 0;
  while (at >= 0) {
    const byte = octalAt(raw, at + 1);
    if (byte < 0) {
      at = raw.indexOf('\\', at + 1);
      continue;
    }
    out += raw.slice(from, at) + String.fromCharCode(byte);
    from = at + 4;
    at = raw.indexOf('\\', from);
  }
  return out + raw.slice(from);
}

function octalAt(raw: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 3; i++) {
    const digit = raw.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 7)) return -1;
    value = value * 8 + digit;
  }
  return value <= 0xff ? value : -1;
}

/**
 * Undoes the one escape of paths in maps and smaps, `\012` for a newline. They leave a backslash alone, so a name that
 * really has the characters `\012` reads the same; only the link in `map_files` tells them apart.
 */
export function unescapeNewline(raw: string): string {
  return raw.includes('\\012') ? raw.replaceAll('\\012', '\n') : raw;
}

/**
 * Undoes the escapes of `Name:` in status, where newline and backslash are `\n` and `\\` (or octal, before Linux 5.14).
 */
export function unescapeComm(raw: string): string {
  if (!raw.includes('\\')) return raw;
  let out = '';
  for (let i = 0; i < raw.length; i++) {
    const c = raw.charCodeAt(i);
    if (c !== BACKSLASH || i + 1 === raw.length) {
      out += raw[i];
      continue;
    }
    const octal = octalAt(raw, i + 1);
    if (octal >= 0) {
      out += String.fromCharCode(octal);
      i += 3;
      continue;
    }
    const next = raw.charAt(i + 1);
    if (next === 'n') out += '\n';
    else if (next === '\\') out += '\\';
    else out += `\\${next}`;
    i += 1;
  }
  return out;
}

const DELETED = ' (deleted)';

/**
 * Whether a path ends as d_path() ends one that is unlinked. A file may really be named so: `st_nlink` of the opened
 * file is what decides.
 */
export function looksDeleted(path: string): boolean {
  return path.endsWith(DELETED);
}

/** The path without the kernel's mark of deletion, if it has it. */
export function stripDeleted(path: string): string {
  return looksDeleted(path) ? path.slice(0, -DELETED.length) : path;
}
