// Where the pages of a dump go: files of the images directory, a page server, or whatever else keeps them.
import type { PageJob, PageRuns } from '../runs.js';

export interface PageSink {
  /** Entries of images are complete only when pages have been moved. */
  readonly late?: boolean;
  /**
   * Decides where runs go; the result moves them there. Runs may be those of the job less what the parent has.
   * @throws CriuError
   */
  place(job: PageJob, runs: PageRuns): () => Promise<PageRuns>;
  /** When all is there; resolves when that is certain. @throws CriuError */
  finish?(): Promise<void>;
}
