// Collects the problems that the checks find.
import { ImageError, type ImageSet } from '@criu/images';

export interface Problem {
  /** `error`: the checkpoint cannot be restored unchanged; `warning`: there may be a valid reason. */
  readonly level: 'error' | 'warning';
  /** File name in the directory. */
  readonly file: string;
  readonly offset?: number;
  readonly reason: string;
}

export class Report {
  readonly problems: Problem[] = [];

  constructor(readonly set: ImageSet) {}

  error(file: string, reason: string): void {
    this.problems.push({ level: 'error', file, reason });
  }

  warning(file: string, reason: string): void {
    this.problems.push({ level: 'warning', file, reason });
  }

  /** Runs a check. An unreadable image is reported once, however many checks need it. */
  attempt<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      const prefix = `${this.set.dir}/`;
      const file = error.file.startsWith(prefix) ? error.file.slice(prefix.length) : error.file;
      const { reason, offset } = error;
      const known = this.problems.some((problem) => problem.file === file && problem.reason === reason);
      if (!known) this.problems.push({ level: 'error', file, offset, reason });
      return undefined;
    }
  }
}
