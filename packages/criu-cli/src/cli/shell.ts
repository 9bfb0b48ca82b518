// The surroundings of a command: arguments, environment, outputs, engine. Tests bring their own.
import type { CheckResult } from '../check/check.js';
import type { Environment } from './config-file.js';
import type { Engine } from './engine.js';

export interface Shell {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly engine: Engine;
  /** Effective user id. */
  readonly uid: number;
  /** Version of the package. */
  readonly version: string;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Width of the terminal that stderr is, or undefined when it is none. */
  readonly terminal: number | undefined;
  chdir(dir: string): void;
  /** Has `interrupt` called for ^C and SIGTERM; undoes that when the result is called. */
  onInterrupt(interrupt: (signal: string) => void): () => void;
  check(names: readonly string[]): AsyncIterable<CheckResult>;
}
