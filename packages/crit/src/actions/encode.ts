// Converts JSON to an image, between files or standard streams.
import { ImageError } from '@criu/images';
import { ImageJson } from '../image-json.js';
import { input, Output, UsageError } from '../io.js';

export interface EncodeOptions {
  readonly in?: string | undefined;
  readonly out?: string | undefined;
}

/** Missing file names mean standard input and standard output. */
export function encode(options: EncodeOptions): void {
  let output: Output | undefined;
  const open = () => (output ??= new Output(options.out));
  const image = new ImageJson((bytes) => open().writeBytes(bytes));
  try {
    for (const chunk of input(options.in)) image.push(chunk);
    image.end();
  } catch (error) {
    if (!(error instanceof ImageError) || error.file !== '') throw error;
    const advice = 'mend the JSON: it has to be what `crit decode` prints, with other values';
    throw new UsageError(`${options.in ?? 'standard input'}: ${error.reason}`, advice, { cause: error });
  }
  open().close();
}
