// Prints the kind of an image and the number of its entries.
import { ImageDecoder, ImageError, type ImageKind } from '@criu/images';
import { input, Output } from '../io.js';

export interface ImageInfo {
  readonly magic: ImageKind;
  /** Number of entries, without the head of a pagemap. */
  readonly count: number;
}

export function imageInfo(path: string): ImageInfo {
  let magic: ImageKind | undefined;
  let count = 0;
  const decoder = new ImageDecoder(
    {
      begin: (kind) => {
        magic = kind;
      },
      entry: () => {
        count++;
      },
    },
    { file: path },
  );
  for (const chunk of input(path)) decoder.push(chunk);
  decoder.end();
  if (magic === undefined) throw new ImageError('truncated', 'the file is empty', path);
  return { magic, count: magic === 'PAGEMAP' ? count - 1 : count };
}

/** Prints the information as JSON. */
export function info(path: string): void {
  const output = new Output(undefined);
  output.write(`${JSON.stringify(imageInfo(path), undefined, 4)}\n`);
  output.close();
}
