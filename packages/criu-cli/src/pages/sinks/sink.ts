// Where the pages of a dump go: files of the images directory, a page server, or whatever else keeps them.
import type { PageJob, PageRuns } from '../runs.js';

/** Moves pages to where they were placed, and gives the runs that are there. @throws CriuError */
export type Move = () => Promise<PageRuns>;

export interface PageSink {
  /** Entries of images are complete only when pages have been moved. */
  readonly late?: boolean;
  /**
   * Decides where runs go; the result moves them there. Runs may be those of the job less what the parent has.
   * @throws CriuError
   */
  place(job: PageJob, runs: PageRuns): Move;
  /** When all is there; resolves when that is certain. @throws CriuError */
  finish?(): Promise<void>;
}
