// Converts an image to JSON, between files or standard streams.
import { ImageText } from '../image-text.js';
import { input, Output } from '../io.js';

export interface DecodeOptions {
  readonly in?: string | undefined;
  readonly out?: string | undefined;
  readonly pretty?: boolean | undefined;
  readonly nopl?: boolean | undefined;
}

/** Missing file names mean standard input and standard output. */
export function decode(options: DecodeOptions): void {
  let output: Output | undefined;
  // The output file is created once the input has turned out to be an image.
  const open = () => (output ??= new Output(options.out));
  const text = new ImageText((piece) => open().write(piece), {
    file: options.in ?? '',
    pretty: options.pretty,
    noPayload: options.nopl,
  });
  for (const chunk of input(options.in)) text.push(chunk);
  text.end();
  if (open().isStdout) open().write('\n');
  open().close();
}
