// The surroundings of a command: arguments, environment, outputs, engine. Tests bring their own.
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
  /** How to colour what goes to each. */
  readonly style: { readonly out: Style; readonly err: Style };
  /** Width of the terminal that stderr is, or undefined when it is none. */
  readonly terminal: number | undefined;
  chdir(dir: string): void;
  /** This process becomes a command, whose output goes to the end of a file if one is given. @throws CriuError if it cannot */
  exec(command: readonly string[], output?: string): Promise<never>;
  /** Has `interrupt` called for ^C and SIGTERM; undoes that when the result is called. */
  onInterrupt(interrupt: (signal: string) => void): () => void;
  check(names: readonly string[]): AsyncIterable<CheckResult>;
}
