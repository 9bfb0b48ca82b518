// Reads the versions of symbols that an ELF file needs from its libraries (gABI 4.1 and the chapter on symbol versions
// of the Linux Standard Base), and finds those that the oldest supported system lacks.
import { readFileSync } from 'node:fs';

/** The newest versions of symbols that binaries may need: those of glibc 2.28 and GCC 8, as in Debian 10 and RHEL 8. */
export const NEWEST = { GLIBC: '2.28', GCC: '7.0.0', GLIBCXX: '3.4.25', CXXABI: '1.3.11' };

const SHT_DYNSYM = 11;
const SHT_GNU_VERNEED = 0x6ffffffe;
const SHT_GNU_VERSYM = 0x6fffffff;

/** Section headers of a 64-bit little-endian ELF file, by type. */
function sectionsOf(elf) {
  const start = Number(elf.readBigUInt64LE(40));
  const [size, count] = [elf.readUInt16LE(58), elf.readUInt16LE(60)];
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * size;
    return {
      type: elf.readUInt32LE(at + 4),
      offset: Number(elf.readBigUInt64LE(at + 24)),
      size: Number(elf.readBigUInt64LE(at + 32)),
      link: elf.readUInt32LE(at + 40),
      info: elf.readUInt32LE(at + 44),
    };
  });
}

/**
 * The versions of symbols that an ELF file needs from its libraries.
 * @param elf contents of the file
 * @returns `{ library, version, symbols }` for each version; an empty list for a static file
 */
export function versionsNeeded(elf) {
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) throw new Error('no 64-bit ELF');
  const sections = sectionsOf(elf);
  const needs = sections.find(({ type }) => type === SHT_GNU_VERNEED);
  if (!needs) return [];
  const strings = sections[needs.link].offset;
  const text = (at) => elf.toString('latin1', strings + at, elf.indexOf(0, strings + at));
  const versions = new Map();
  let at = needs.offset;
  for (let i = 0; i < needs.info; i++) {
    const library = text(elf.readUInt32LE(at + 4));
    let entry = at + elf.readUInt32LE(at + 8);
    for (let n = elf.readUInt16LE(at + 2); n > 0; n--) {
      versions.set(elf.readUInt16LE(entry + 6), {
        library,
        version: text(elf.readUInt32LE(entry + 8)),
        symbols: [],
      });
      entry += elf.readUInt32LE(entry + 12);
    }
    at += elf.readUInt32LE(at + 12);
  }
  const ofSymbols = sections.find(({ type }) => type === SHT_GNU_VERSYM);
  const symbols = sections.find(({ type }) => type === SHT_DYNSYM);
  for (let i = 0; ofSymbols && symbols && i < symbols.size / 24; i++) {
    const version = versions.get(elf.readUInt16LE(ofSymbols.offset + 2 * i) & 0x7fff);
    version?.symbols.push(text(elf.readUInt32LE(symbols.offset + 24 * i)));
  }
  return [...versions.values()];
}

function isNewer(version, than) {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  for (let i = 0; i < a.length; i++) if (a[i] !== (b[i] ?? 0)) return a[i] > (b[i] ?? 0);
  return false;
}

/** Messages about versions that are newer than NEWEST; an empty list if the file runs with these. */
export function tooNew(elf) {
  return versionsNeeded(elf).flatMap(({ library, version, symbols }) => {
    const [, family, number] = /^([A-Z]+)_([0-9.]+)$/.exec(version) ?? [];
    const newest = NEWEST[family];
    if (newest !== undefined && !isNewer(number, newest)) return [];
    const why = newest === undefined ? 'which not every system has' : `newer than ${family}_${newest}`;
    return [`${symbols.join(', ')} of ${library} in version ${version}, ${why}`];
  });
}

/** Whether a file begins with the header of a 64-bit ELF file. */
export const isElf = (contents) => contents.length > 64 && contents.readUInt32BE(0) === 0x7f454c46;

/** Throws if a binary needs a newer system than the oldest supported one. */
export function checkBinaries(paths) {
  for (const path of paths) {
    const contents = readFileSync(path);
    const lines = isElf(contents) ? tooNew(contents) : [];
    if (lines.length)
      throw new Error(`${path} needs too new a system (see native/glibc):\n  ${lines.join('\n  ')}`);
  }
}
