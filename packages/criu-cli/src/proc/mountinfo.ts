/** `/proc/PID/mountinfo`: the mounts of a task's mount namespace (proc_pid_mountinfo(5)). */

import { decodeLatin1, encodeName } from '@criu/native';
import { PROC_ROOT, type ProcText, readText } from './io.js';
import { unescapeOctal } from './names.js';
import { Scan } from './scan.js';

export interface MountInfo {
  mntId: number;
  parentId: number;
  /** Device of the super block, st_dev of its files (but on btrfs). */
  major: number;
  minor: number;
  /** What of the file system is mounted; of an unlinked folder it ends in `//deleted`. */
  root: string;
  /** Relative to the root of the task whose file this is. */
  mountPoint: string;
  /** Options of the mount, as `['rw', 'nosuid', 'relatime']`; mounts with the same ones share the list. */
  options: readonly string[];
  /** Peer group, if the mount is shared. */
  shared: number | undefined;
  /** Peer group that it is a slave of. */
  master: number | undefined;
  /** Nearest dominant peer group under the task's root, if that is not `master`. */
  propagateFrom: number | undefined;
  unbindable: boolean;
  /** May have a subtype, as `fuse.sshfs`. */
  fsType: string;
  source: string;
  /** Options of the super block, still escaped; see {@link splitMountOptions}. */
  superOptions: string;
}

/** What has been parsed before: namespaces that are copies of each other differ in the ids of mounts alone. */
export class ParsedMounts {
  /** By the text of a line behind the ids. */
  readonly lines = new Map<string, MountInfo>();
  readonly options = new Map<string, readonly string[]>();
}

/**
 * Parses the text of mountinfo; unknown optional fields are skipped.
 * @param parsed is filled in
 */
export function parseMountInfo(text: ProcText, file = 'mountinfo', parsed = new ParsedMounts()): MountInfo[] {
  const scan = new Scan(text, file);
  const mounts: MountInfo[] = [];
  while (!scan.atEnd) mounts.push(scanMount(scan, parsed));
  return mounts;
}

function scanMount(scan: Scan, parsed: ParsedMounts): MountInfo {
  const mntId = scan.dec();
  scan.expect(' ');
  const parentId = scan.dec();
  scan.expect(' ');
  const behind = scan.pos;
  const line = scan.rest();
  const before = parsed.lines.get(line);
  if (before) return { ...before, mntId, parentId };
  scan.pos = behind;
  const mount = scanRest(scan, { mntId, parentId }, parsed);
  parsed.lines.set(line, mount);
  return mount;
}

function scanRest(
  scan: Scan,
  { mntId, parentId }: Pick<MountInfo, 'mntId' | 'parentId'>,
  { options }: ParsedMounts,
): MountInfo {
  const major = scan.dec();
  scan.expect(':');
  const minor = scan.dec();
  const mount: MountInfo = {
    mntId,
    parentId,
    major,
    minor,
    root: name(scan),
    mountPoint: name(scan),
    options: optionsIn(word(scan), options),
    shared: undefined,
    master: undefined,
    propagateFrom: undefined,
    unbindable: false,
    fsType: '',
    source: '',
    superOptions: '',
  };
  while (!scan.skip(' - ')) {
    if (scan.atLineEnd) throw scan.error('expected the separator " - "');
    scan.expect(' ');
    if (scan.skip('shared:')) mount.shared = scan.dec();
    else if (scan.skip('master:')) mount.master = scan.dec();
    else if (scan.skip('propagate_from:')) mount.propagateFrom = scan.dec();
    else if (scan.skip('unbindable')) mount.unbindable = true;
    else scan.word();
  }
  mount.fsType = decodeLatin1(unescapeOctal(scan.word()));
  mount.source = name(scan);
  mount.superOptions = decodeLatin1(word(scan));
  scan.endLine();
  return mount;
}

function optionsIn(raw: string, lists: Map<string, readonly string[]>): readonly string[] {
  const known = lists.get(raw);
  if (known) return known;
  const options = splitMountOptions(raw);
  lists.set(raw, options);
  return options;
}

/** One word after one blank: an empty source shows as nothing between two blanks. */
function word(scan: Scan): string {
  scan.expect(' ');
  return scan.word();
}

function name(scan: Scan): string {
  return decodeLatin1(unescapeOctal(word(scan)));
}

/**
 * Splits options at commas, then undoes the escapes in each: a comma in a value is written as `\054`, but in the
 * contexts of SELinux, which stand in double quotes then.
 */
export function splitMountOptions(raw: string): string[] {
  const words = raw.match(/(?:[^,"]|"[^"]*"|")+/g) ?? [];
  return words.map(unescapeOption);
}

function unescapeOption(option: string): string {
  if (!option.includes('\\')) return option;
  // The escapes are bytes, while the rest may already be decoded: go through bytes.
  const bytes = encodeName(option).toString('latin1');
  return decodeLatin1(unescapeOctal(bytes));
}

/** Reads the mounts that a task sees, in the kernel's order (parents before children is not promised). */
export function readMountInfo(pid: number, root: string = PROC_ROOT, parsed?: ParsedMounts): MountInfo[] {
  return parseMountInfo(readText(pid, 'mountinfo', root), `${root}/${pid}/mountinfo`, parsed);
}
