// `crit mem`: the memory of one process: its mappings, a search for bytes, and the bytes at an address.
import { ImageSet } from '@criu/images';
import type { Argv, CommandModule } from 'yargs';
import { dataJson, Output, UsageError } from '../io.js';
import { checkpoint, json } from './shared.js';

interface MemOptions {
  readonly dir: string;
  readonly pid: number;
  readonly search?: string | undefined;
  readonly regex?: string | undefined;
  readonly ignoreCase?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly dump?: string | undefined;
  readonly out?: string | undefined;
  readonly raw?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export const memCommand: CommandModule<object, MemOptions> = {
  command: 'mem <dir>',
  describe: 'Memory of a process: list its mappings, search it, or dump a part of it',
  builder: (yargs: Argv) =>
    yargs
      .positional('dir', checkpoint)
      .option('pid', { type: 'number', demandOption: true, describe: 'Process' })
      .option('search', { type: 'string', describe: 'Find these bytes, given as text' })
      .option('regex', { type: 'string', describe: 'Find matches of a regular expression' })
      .option('ignore-case', { type: 'boolean', describe: 'Let --regex match letters of either case' })
      .option('limit', { type: 'number', describe: 'Stop after so many places' })
      .option('dump', { type: 'string', describe: 'Show ADDR:LEN, such as 0x7f0000001000:4K' })
      .option('raw', { type: 'boolean', describe: 'Dump the bytes as they are' })
      .option('out', { alias: 'o', type: 'string', describe: 'File to write (standard output if absent)' })
      .option('json', json)
      .conflicts({ search: ['regex', 'dump'], regex: 'dump', raw: 'json' })
      .check(({ pid, limit, dump, raw, search }) => {
        if (!Number.isInteger(pid)) throw new Error('--pid must be a number.');
        if (limit !== undefined && !(Number.isInteger(limit) && (limit as number) > 0))
          throw new Error('--limit must be a number above 0.');
        if (raw && dump === undefined) throw new Error('--raw needs --dump.');
        if (search === '') throw new Error('--search needs some text.');
        return true;
      }) as unknown as Argv<MemOptions>,
  handler: mem,
};

async function mem(options: MemOptions): Promise<void> {
  const { AddressSpace } = await import('../memory/address-space.js');
  const set = new ImageSet(options.dir);
  if (!set.tasks().some(({ pid }) => pid === options.pid))
    throw new UsageError(
      `there is no process ${options.pid} in the checkpoint`,
      '`crit x DIR ps` lists them',
    );
  using space = new AddressSpace(set, options.pid);
  const text = options.json ? jsonText : plainText;
  // All errors in the arguments are found before the output file is created.
  const parts = await text(space, options);
  const first = parts.next();
  const output = new Output(options.out);
  for (let part = first; !part.done; part = parts.next()) {
    if (typeof part.value === 'string') output.write(part.value);
    else output.writeBytes(part.value);
  }
  output.close();
}

type Space = import('../memory/address-space.js').AddressSpace;
type Parts = Generator<string | Uint8Array, void, undefined>;

async function plainText(space: Space, options: MemOptions): Promise<Parts> {
  if (options.dump !== undefined) {
    const { hexDump } = await import('../memory/dump.js');
    const pieces = await range(space, options.dump);
    return options.raw ? rawBytes(pieces) : hexDump(pieces);
  }
  const found = await matches(space, options);
  if (found !== undefined) {
    const { printable } = await import('../memory/dump.js');
    return (function* () {
      let count = 0;
      for (const { address, mapping, before, bytes, after } of found) {
        count++;
        const what = mapping.what || mapping.kind;
        yield `${address.toString(16).padStart(12, '0')}  ${what}\n`;
        const shown =
          printable(bytes.subarray(0, 200)) + (bytes.length > 200 ? `… (${bytes.length} bytes)` : '');
        yield `    ${printable(before)}«${shown}»${printable(after)}\n`;
      }
      yield `${count} ${count === 1 ? 'place' : 'places'}${count === options.limit ? ', and there may be more' : ''}\n`;
    })();
  }
  const { listingText, listMappings } = await import('../memory/listing.js');
  return [listingText(listMappings(space))].values() as Parts;
}

async function jsonText(space: Space, options: MemOptions): Promise<Parts> {
  if (options.dump !== undefined) {
    const rows = [...(await range(space, options.dump))].map(({ start, end, bytes }) => ({
      start,
      end,
      bytes: bytes === undefined ? null : bytes.toString('base64'),
    }));
    return [dataJson(rows)].values() as Parts;
  }
  const found = await matches(space, options);
  if (found !== undefined) {
    const rows = [...found].map(({ address, mapping, bytes, before, after }) => ({
      address,
      mapping: { start: mapping.start, end: mapping.end, kind: mapping.kind, what: mapping.what },
      bytes: bytes.toString('base64'),
      before: before.toString('base64'),
      after: after.toString('base64'),
    }));
    return [dataJson(rows)].values() as Parts;
  }
  const { listMappings } = await import('../memory/listing.js');
  return [dataJson(listMappings(space))].values() as Parts;
}

async function matches(space: Space, { search, regex, ignoreCase, limit }: MemOptions) {
  const { searchBytes, searchRegex } = await import('../memory/search.js');
  let found: ReturnType<typeof searchBytes> | undefined;
  try {
    if (search !== undefined) found = searchBytes(space, Buffer.from(search));
    else if (regex !== undefined) found = searchRegex(space, regex, { ignoreCase });
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(error.message, 'mend the regular expression');
    throw error;
  }
  return found === undefined || limit === undefined ? found : take(found, limit);
}

function* take<T>(items: Iterable<T>, count: number): Generator<T, void, undefined> {
  let left = count;
  for (const item of items) {
    yield item;
    if (--left === 0) return;
  }
}

async function range(space: Space, text: string) {
  const { parseRange, readMemory } = await import('../memory/dump.js');
  const parsed = parseRange(text);
  if (parsed === undefined)
    throw new UsageError(`--dump takes ADDR:LEN, not "${text}"`, 'such as 0x7ffd1000:256 or 0x7ffd1000:4K');
  return readMemory(space, parsed.address, parsed.length);
}

/** Only the bytes; memory that is in no image is zeros. */
function* rawBytes(parts: Iterable<{ start: bigint; end: bigint; bytes?: Buffer }>): Parts {
  const zeros = Buffer.alloc(1 << 20);
  for (const { start, end, bytes } of parts) {
    if (bytes !== undefined) {
      yield bytes;
      continue;
    }
    for (let left = end - start; left > 0n; left -= BigInt(zeros.length)) {
      yield left < BigInt(zeros.length) ? zeros.subarray(0, Number(left)) : zeros;
    }
  }
}
