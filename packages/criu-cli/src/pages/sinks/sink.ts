// The destination of a dump's pages: files of the images directory or a page server.
import type { PageJob, PageRuns } from '../runs.js';

/**
 * Moves pages to the place chosen by `place`.
 * @param alone false if another move of about as many pages goes on meanwhile
 * @returns the runs that were stored
 * @throws CriuError
 */
export type Move = (alone: boolean) => Promise<PageRuns>;

export interface PageSink {
  /** Image entries are complete only when pages have been moved. */
  readonly late?: boolean;
  /** Number of moves that may go on at the same time; 1 if not given. */
  readonly atOnce?: number;
  /**
   * Chooses the place for runs and returns the function that moves them there.
   * @param runs the runs of the job, except those that the parent has
   * @throws CriuError
   */
  place(job: PageJob, runs: PageRuns): Move;
  /** Called after the last move; resolves when everything is stored. @throws CriuError */
  finish?(): Promise<void>;
}
