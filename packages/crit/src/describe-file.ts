// Identifies a file that is no image with entries, by its name and its first bytes.
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { parseFileName, pathArg } from '@criu/images';
import { isTarHeader } from './archive/tar.js';

export interface FileDescription {
  /** Completes the sentence "this is …". */
  readonly what: string;
  /** How to inspect the file. */
  readonly advice: string;
}

/** Files of a checkpoint without entries, by the beginning of their names. */
const RAW: readonly (readonly [name: RegExp, what: string, advice: string])[] = [
  [
    /^pages-/,
    'the contents of memory pages, one behind the other and nothing else',
    '`crit mem DIR --pid N` lists what is at which address, and `--dump ADDR:LEN` shows it; pagemap-*.img says where pages belong',
  ],
  [/^tmpfs-/, 'an archive of the files of a tmpfs', '`tar tzf FILE` lists them'],
  [
    /^(ifaddr|route6?|rule)-/,
    'what ip(8) has saved of a network namespace',
    '`ip route showdump < FILE`, or `ip address showdump` or `ip rule` with it, print it',
  ],
  [/^ip6?tables-/, 'rules, as iptables-save(8) writes them', 'it is text'],
  [/^nftables-/, 'rules of nftables', '`nft -f FILE` is what reads it; it may be text'],
  [/^netns-/, 'netlink messages of connection tracking', '`crit x DIR sk` shows sockets'],
];

/** Returns undefined for an unknown or unreadable file. */
export function describeFile(path: string): FileDescription | undefined {
  const name = basename(path);
  if (parseFileName(name).is === 'raw') {
    const [, what, advice] = RAW.find(([pattern]) => pattern.test(name)) ?? [];
    if (what !== undefined && advice !== undefined) return { what, advice };
  }
  const head = headOf(path);
  if (head === undefined) return undefined;
  const archive = 'name it where a command takes a checkpoint (`crit x FILE ps`), or unpack it';
  if (head.length === 0)
    return { what: 'an empty file', advice: 'a dump that did not finish may have left it' };
  if (head.readUInt16BE(0) === 0x1f8b) return { what: 'an archive (gzip)', advice: archive };
  if (head.readUInt32LE(0) === 0xfd2fb528) return { what: 'an archive (zstd)', advice: archive };
  if (isTarHeader(head)) return { what: 'an archive (tar)', advice: archive };
  if (head.toString('latin1', 0, 4) === '\x7fELF')
    return { what: 'a program or core file (ELF)', advice: '`gdb` and `readelf` look into it' };
  if (/^\s*[{[]/.test(head.toString('latin1', 0, 64)))
    return { what: 'JSON', advice: '`crit encode -i FILE -o IMAGE` makes an image of it' };
  return undefined;
}

/** Bytes that suffice to identify a file: the size of a tar header. */
const HEAD = 512;

function headOf(path: string): Buffer | undefined {
  try {
    const fd = openSync(pathArg(path), 'r');
    try {
      const head = Buffer.alloc(HEAD);
      return readSync(fd, head, 0, HEAD, 0) === 0 ? Buffer.alloc(0) : head;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
