// The `.blob` format of a parasite: packing from an ELF file, and reading.
import { type Elf, ElfError, readElf } from './elf.js';

export interface BlobCommand {
  readonly name: string;
  /** Offset of its function in the image. */
  readonly offset: number;
  /** Size of its argument in bytes. */
  readonly argSize: number;
}

export interface BlobHeader {
  readonly name: string;
  readonly commands: readonly BlobCommand[];
  /** Bytes of memory that the image needs. */
  readonly memorySize: number;
  /** Offset and size in bytes of the executable part. */
  readonly text: readonly [number, number];
  /** Relocations: places that hold addresses, and the offsets they refer to. */
  readonly relative: readonly (readonly [number, number])[];
  /** Offsets of symbols that both sides use. */
  readonly symbols: {
    readonly compel_enter: number;
    readonly compel_log_ring: number;
    readonly compel_out_fds: number;
    readonly compel_page: number;
  };
}

export interface Blob {
  readonly header: BlobHeader;
  readonly image: Buffer;
}

/** The file is not a parasite, or one of another format version. */
export class BlobError extends Error {
  readonly code = 'BAD_BLOB';
}

const MAGIC = 'CPLBLOB1';
const MAX_IMAGE = 64 << 20;

/** Packs a linked parasite. @throws ElfError */
export function packElf(file: Uint8Array, name: string): Buffer {
  return encodeBlob(blobOfElf(readElf(file), name));
}

function blobOfElf(elf: Elf, name: string): Blob {
  const end = (s: { address: number; memorySize: number }) => s.address + s.memorySize;
  const memorySize = (Math.max(0, ...elf.segments.map(end)) + 4095) & ~4095;
  if (memorySize === 0 || memorySize > MAX_IMAGE) throw new ElfError(`an image of ${memorySize} bytes`);
  const image = Buffer.alloc(Math.max(...elf.segments.map((s) => s.address + s.bytes.length)));
  for (const s of elf.segments) image.set(s.bytes, s.address);
  const symbol = (wanted: string) => {
    const found = elf.symbols.find((s) => s.name === wanted);
    if (!found) throw new ElfError(`no ${wanted} in it: link it with what \`compel libs\` names`);
    return found.value;
  };
  const prefix = 'compel_cmd_';
  const commands = elf.symbols
    .filter((s) => s.name.startsWith(prefix))
    .map((s) => {
      const command = s.name.slice(prefix.length);
      const argSize = elf.symbols.find((a) => a.name === `compel_arg_${command}`)?.size ?? 0;
      return { name: command, offset: s.value, argSize };
    });
  if (commands.length === 0) throw new ElfError('no command in it: there is no COMPEL_COMMAND(...)');
  const text = elf.segments.filter((s) => s.executable);
  const textStart = Math.min(...text.map((s) => s.address)) & ~4095;
  const textEnd = (Math.max(...text.map(end)) + 4095) & ~4095;
  const header: BlobHeader = {
    name,
    commands,
    memorySize,
    text: [textStart, textEnd - textStart],
    relative: elf.relative,
    symbols: {
      compel_enter: symbol('compel_enter'),
      compel_log_ring: symbol('compel_log_ring'),
      compel_out_fds: symbol('compel_out_fds'),
      compel_page: symbol('compel_page'),
    },
  };
  return { header, image };
}

function encodeBlob(blob: Blob): Buffer {
  const header = Buffer.from(JSON.stringify(blob.header));
  const head = Buffer.alloc(16);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(header.length, 8);
  head.writeUInt32LE(blob.image.length, 12);
  return Buffer.concat([head, header, blob.image]);
}

/** @throws BlobError */
export function readBlob(bytes: Uint8Array): Blob {
  const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (b.length < 16 || b.toString('latin1', 0, 8) !== MAGIC)
    throw new BlobError('not a parasite that `compel build` made');
  const headerSize = b.readUInt32LE(8);
  const imageSize = b.readUInt32LE(12);
  if (16 + headerSize + imageSize !== b.length)
    throw new BlobError(`it should have ${16 + headerSize + imageSize} bytes and has ${b.length}`);
  const header = JSON.parse(b.toString('utf8', 16, 16 + headerSize)) as BlobHeader;
  const image = b.subarray(16 + headerSize);
  if (header.memorySize > MAX_IMAGE || header.memorySize < image.length)
    throw new BlobError('its sizes do not fit together');
  return { header, image };
}

/** Source of a TypeScript module that loads the blob beside it, with types for its commands. */
export function loaderSource(blob: Blob, file: string): string {
  const names = blob.header.commands.map((c) => `'${c.name}'`).join(' | ');
  return `// Made by \`compel build\` from ${blob.header.name}; do not edit.
import { readFileSync } from 'node:fs';
import { Parasite, type Session } from '@criu/compel';

export type Command = ${names};

/** Bytes of each command's argument. */
export const argSizes: Record<Command, number> = ${JSON.stringify(Object.fromEntries(blob.header.commands.map((c) => [c.name, c.argSize])))};

/** Puts the parasite into an infected task. */
export function load(session: Session): Promise<Parasite<Command>> {
  return Parasite.load<Command>(session, readFileSync(new URL('./${file}', import.meta.url)));
}
`;
}
