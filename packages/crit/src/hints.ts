// Names for numbers: flag words, states and address formats for the display hints in the schema.
import { VMA } from '@criu/images';

type Names = readonly (readonly [name: string, bits: number])[];

const MMAP_PROT: Names = [
  ['PROT_READ', 0x1],
  ['PROT_WRITE', 0x2],
  ['PROT_EXEC', 0x4],
];

const MMAP_FLAGS: Names = [
  ['MAP_SHARED', 0x1],
  ['MAP_PRIVATE', 0x2],
  ['MAP_DROPPABLE', 0x8],
  ['MAP_ANON', 0x20],
  ['MAP_GROWSDOWN', 0x100],
];

const MMAP_STATUS: Names = [
  ['VMA_AREA_NONE', 0],
  ['VMA_AREA_REGULAR', VMA.REGULAR],
  ['VMA_AREA_STACK', VMA.STACK],
  ['VMA_AREA_VSYSCALL', VMA.VSYSCALL],
  ['VMA_AREA_VDSO', VMA.VDSO],
  ['VMA_AREA_HEAP', VMA.HEAP],
  ['VMA_FILE_PRIVATE', VMA.FILE_PRIVATE],
  ['VMA_FILE_SHARED', VMA.FILE_SHARED],
  ['VMA_ANON_SHARED', VMA.ANON_SHARED],
  ['VMA_ANON_PRIVATE', VMA.ANON_PRIVATE],
  ['VMA_AREA_SYSVIPC', VMA.SYSVIPC],
  ['VMA_AREA_SOCKET', VMA.SOCKET],
  ['VMA_AREA_VVAR', VMA.VVAR],
  ['VMA_AREA_AIORING', VMA.AIORING],
  ['VMA_AREA_MEMFD', VMA.MEMFD],
  ['VMA_AREA_SHSTK', VMA.SHSTK],
  ['VMA_AREA_UPROBES', VMA.UPROBES],
  ['VMA_UNSUPP', 2 ** 31],
];

const OPEN_FLAGS: Names = [
  ['O_WRONLY', 0o1],
  ['O_RDWR', 0o2],
  ['O_CREAT', 0o100],
  ['O_EXCL', 0o200],
  ['O_NOCTTY', 0o400],
  ['O_TRUNC', 0o1000],
  ['O_APPEND', 0o2000],
  ['O_NONBLOCK', 0o4000],
  ['O_DSYNC', 0o10000],
  ['FASYNC', 0o20000],
  ['O_DIRECT', 0o40000],
  ['O_LARGEFILE', 0o100000],
  ['O_DIRECTORY', 0o200000],
  ['O_NOFOLLOW', 0o400000],
  ['O_NOATIME', 0o1000000],
  ['O_CLOEXEC', 0o2000000],
];

const SEALS: Names = [
  ['F_SEAL_SEAL', 0x1],
  ['F_SEAL_SHRINK', 0x2],
  ['F_SEAL_GROW', 0x4],
  ['F_SEAL_WRITE', 0x8],
  ['F_SEAL_FUTURE_WRITE', 0x10],
];

const PAGEMAP: Names = [
  ['PE_PARENT', 0x1],
  ['PE_LAZY', 0x2],
  ['PE_PRESENT', 0x4],
];

/** Names of flags by the value of the `flags` hint. */
export const flagNames: Readonly<Record<string, Names | undefined>> = {
  'mmap.prot': MMAP_PROT,
  'mmap.flags': MMAP_FLAGS,
  'mmap.status': MMAP_STATUS,
  'rfile.flags': OPEN_FLAGS,
  'seals.flags': SEALS,
  'pmap.flags': PAGEMAP,
};

type ValueNames = Readonly<Record<string, Readonly<Record<number, string>>>>;

/** Names of the numbers in sockets by the name of the field. */
export const socketNames: ValueNames = {
  family: { 1: 'UNIX', 2: 'INET', 10: 'INET6', 16: 'NETLINK', 17: 'PACKET' },
  type: { 1: 'STREAM', 2: 'DGRAM', 3: 'RAW', 5: 'SEQPACKET', 10: 'PACKET' },
  state: {
    1: 'ESTABLISHED',
    2: 'SYN_SENT',
    3: 'SYN_RECV',
    4: 'FIN_WAIT1',
    5: 'FIN_WAIT2',
    6: 'TIME_WAIT',
    7: 'CLOSE',
    8: 'CLOSE_WAIT',
    9: 'LAST_ACK',
    10: 'LISTEN',
  },
  proto: { 0: 'IP', 6: 'TCP', 17: 'UDP', 136: 'UDPLITE' },
};

/** Names of values by the value of the `dict` hint and the name of the field. */
export const valueNames: Readonly<Record<string, ValueNames>> = {
  gen: { task_state: { 1: 'Alive', 3: 'Zombie', 6: 'Stopped' } },
  sk: socketNames,
};

export function flagsText(value: number, names: Names): string {
  const words: string[] = [];
  let rest = value;
  for (const [name, bits] of names) {
    if ((value & bits) !== 0) words.push(name);
    rest &= ~bits;
  }
  if (rest !== 0) words.push(`0x${(rest >>> 0).toString(16)}`);
  return words.join(' | ');
}

/** The inverse of `flagsText`; `undefined` if a word is neither a flag nor a number. */
export function flagsValue(text: string, names: Names): number | undefined {
  if (text === '') return 0;
  let value = 0;
  for (const word of text.split('|').map((item) => item.trim())) {
    const known = names.find(([name]) => name === word)?.[1];
    const bits = known ?? (word === '' ? Number.NaN : Number(word));
    if (!Number.isInteger(bits)) return undefined;
    value += bits;
  }
  return value;
}

/**
 * A device number as text. CRIU stores most in the kernel's form (20 bits for the minor number), some in that of
 * stat(2).
 */
export function devText(value: number, asStat: boolean): string {
  if (!asStat) return `${value >>> 20}:${value & 0xfffff}`;
  return `${(value >>> 8) & 0xfff}:${(value & 0xff) | ((value >>> 12) & 0xfff00)}`;
}

export function devValue(text: string, asStat: boolean): number | undefined {
  const match = /^\s*(\d+)\s*:\s*(\d+)\s*$/.exec(text);
  if (match === null) return undefined;
  const major = Number(match[1]);
  const minor = Number(match[2]);
  if (!asStat) return major * 0x100000 + minor;
  return (((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12)) >>> 0) + 0;
}

/** An IPv4 or IPv6 address from 32-bit words in network byte order, read on a little-endian machine. */
export function ipText(words: readonly number[]): string | undefined {
  if (words.length !== 1 && words.length < 4) return undefined;
  const octets = words
    .slice(0, words.length === 1 ? 1 : 4)
    .flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24]);
  if (octets.length === 4) return octets.join('.');
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push((octets[at] ?? 0) * 256 + (octets[at + 1] ?? 0));
  // The longest run of at least two zero groups; the first one of equal length.
  let [best, length] = [0, 0];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && groups[end] === 0) end++;
    if (end - at > length) [best, length] = [at, end - at];
  }
  const text = (from: number, to?: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return length < 2 ? text(0) : `${text(0, best)}::${text(best + length)}`;
}

export function ipWords(text: string): number[] | undefined {
  const octets = text.includes(':') ? ipv6Octets(text) : ipv4Octets(text);
  if (octets === undefined) return undefined;
  const words: number[] = [];
  for (let at = 0; at < octets.length; at += 4) {
    const [a, b, c, d] = octets.slice(at, at + 4) as [number, number, number, number];
    words.push((a | (b << 8) | (c << 16) | (d << 24)) >>> 0);
  }
  return words;
}

function ipv4Octets(text: string): number[] | undefined {
  const octets = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return octets.length === 4 && octets.every((octet) => octet < 256) ? octets : undefined;
}

function ipv6Octets(text: string): number[] | undefined {
  const [before = '', after, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const parse = (half: string): number[] | undefined => {
    if (half === '') return [];
    const out: number[] = [];
    const parts = half.split(':');
    for (const [index, part] of parts.entries()) {
      if (part.includes('.') && index === parts.length - 1) {
        const tail = ipv4Octets(part);
        if (tail === undefined) return undefined;
        out.push(...tail);
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
        const group = Number.parseInt(part, 16);
        out.push(group >>> 8, group & 0xff);
      } else return undefined;
    }
    return out;
  };
  const head = parse(before);
  const tail = after === undefined ? [] : parse(after);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}
