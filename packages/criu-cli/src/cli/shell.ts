// The environment of a command: arguments, variables, outputs, engine. Tests substitute it.
import type { CheckResult } from '../features/index.js';
import type { Engine } from './engine.js';
import type { Environment } from './environment.js';
import type { Style } from './style.js';

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
  /** Colours for each output. */
  readonly style: { readonly out: Style; readonly err: Style };
  /** Width of the terminal on standard error; undefined if it is not a terminal. */
  readonly terminal: number | undefined;
  chdir(dir: string): void;
  /**
   * Replaces this process by a command, whose output is appended to a file if one is given.
   * @throws CriuError if that fails
   */
  exec(command: readonly string[], output?: string): Promise<never>;
  /** Calls a function right before this process exits, whatever for. */
  atExit(action: () => void): void;
  /** Calls `interrupt` on SIGINT and SIGTERM; returns the function that undoes that. */
  onInterrupt(interrupt: (signal: string) => void): () => void;
  check(names: readonly string[]): AsyncIterable<CheckResult>;
}
