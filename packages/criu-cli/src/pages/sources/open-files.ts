// Files that are read here and there, and again and again: opened once, as long as there are not too many of them.
import { closeSync, openSync } from '@criu/native/fs';

const MOST = 64;

/** Closes all of them when it is disposed of. */
export class OpenFiles {
  private readonly files = new Map<string, number>();

  /** A descriptor to read from. @throws the error of open(2) */
  of(path: string): number {
    const known = this.files.get(path);
    if (known !== undefined) {
      // The one that is used least is the first to go.
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
