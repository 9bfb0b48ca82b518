// JSON back into an image, from and to files or standard streams.
import { ImageJson } from '../image-json.js';
import { input, Output } from '../io.js';

export interface EncodeOptions {
  readonly in?: string | undefined;
  readonly out?: string | undefined;
}

/** Reads standard input and writes standard output where no file is named. */
export function encode(options: EncodeOptions): void {
  let output: Output | undefined;
  const open = () => (output ??= new Output(options.out));
  const image = new ImageJson((bytes) => open().writeBytes(bytes));
  for (const chunk of input(options.in)) image.push(chunk);
  image.end();
  open().close();
}
