// Where the images of a checkpoint are read from: their directory, or memory that still has them.
import { join } from 'node:path';
import { existsSync, readFileSync, statSync } from '@criu/native/fs';

export interface ImageSource {
  /** The directory of pages images and of the link to the parent; the others need not be in it. */
  readonly dir: string;
  /** Where pages are: in their images, still being copied to them, or with their pagemaps on a page server. */
  readonly pages: 'there' | 'coming' | 'elsewhere';
  has(name: string): boolean;
  /** All of an image. @throws the error of the file system */
  read(name: string): Buffer;
}

export class ImageDirectory implements ImageSource {
  readonly pages = 'there';

  constructor(readonly dir: string) {}

  has(name: string): boolean {
    return existsSync(join(this.dir, name));
  }

  read(name: string): Buffer {
    return readFileSync(join(this.dir, name));
  }

  /** Whether there is something to look into at all. */
  get exists(): boolean {
    return statSync(this.dir, { throwIfNoEntry: false })?.isDirectory() ?? false;
  }
}
