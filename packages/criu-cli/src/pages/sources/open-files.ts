// A cache of open files that are read repeatedly, limited in number.
import { closeSync, openSync } from '@criu/native/fs';

const MOST = 64;

/** The files are closed on disposal. */
export class OpenFiles {
  private readonly files = new Map<string, number>();

  /** A descriptor to read from. @throws the error of open(2) */
  of(path: string): number {
    const known = this.files.get(path);
    if (known !== undefined) {
      // Moves the file to the end of the map: the least recently used one is closed first.
      this.files.delete(path);
      this.files.set(path, known);
      return known;
    }
    const [oldest] = this.files;
    if (oldest && this.files.size >= MOST) {
      closeSync(oldest[1]);
      this.files.delete(oldest[0]);
    }
    const fd = openSync(path, 'r');
    this.files.set(path, fd);
    return fd;
  }

  [Symbol.dispose](): void {
    for (const fd of this.files.values()) closeSync(fd);
    this.files.clear();
  }
}
