// `crit compress` and `crit decompress`: compress the pages of a checkpoint, or store them plain.
import type { Argv, CommandModule } from 'yargs';
import { Output } from '../io.js';

interface CompressOptions {
  readonly dir: string;
  readonly region?: string | undefined;
  readonly zstd?: boolean | undefined;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1 << 10, M: 1 << 20 };

function bytesOf(text: string): number {
  const [, digits, unit = ''] = /^(\d+)([KM]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new RangeError(`--region: ${text} is no number of bytes`);
  return Number(digits) * (UNITS[unit] ?? 1);
}

async function rewrite(dir: string, region: number | undefined, zstd = false): Promise<void> {
  const { rewritePages } = await import('../pack/rewrite.js');
  const { PageCodec } = await import('@criu/images');
  const { before, after, images } = rewritePages(dir, region, zstd ? PageCodec.ZSTD : PageCodec.LZ4);
  const output = new Output(undefined);
  output.write(`${images} pages images: ${before} bytes before, ${after} after\n`);
  output.close();
}

export const compressCommand: CommandModule<object, CompressOptions> = {
  command: 'compress <dir>',
  describe: 'Pack the pages of a checkpoint (LZ4, or zstd); CRIU 4.2 cannot restore it then',
  builder: (yargs: Argv) =>
    yargs
      .positional('dir', { type: 'string', demandOption: true, describe: 'Directory of images' })
      .option('region', {
        type: 'string',
        describe: 'Bytes that are packed together, with K or M: whole pages, at most 4M (default: each page)',
      })
      .option('zstd', {
        type: 'boolean',
        describe: 'Pack by zstd: less room, and no CRIU restores it (node 22.15, or the program zstd)',
      }) as unknown as Argv<CompressOptions>,
  handler: ({ dir, region, zstd }) => rewrite(dir, region === undefined ? 4096 : bytesOf(region), zstd),
};

export const decompressCommand: CommandModule<object, { readonly dir: string }> = {
  command: 'decompress <dir>',
  describe: 'Have the pages of a checkpoint as they are, for readers that know nothing of packed ones',
  builder: (yargs: Argv) =>
    yargs.positional('dir', {
      type: 'string',
      demandOption: true,
      describe: 'Directory of images',
    }) as unknown as Argv<{ readonly dir: string }>,
  handler: ({ dir }) => rewrite(dir, undefined),
};
