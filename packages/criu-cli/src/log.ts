// Log levels and lines as CRIU has them: `(00.001234) pid: message`.
/** 0 messages for the user, 1 errors, 2 warnings, 3 information, 4 debugging. */
export type LogLevel = 0 | 1 | 2 | 3 | 4;

export interface Logger {
  readonly level: LogLevel;
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

/** Discards everything; the default of the API. */
export const silentLogger: Logger = {
  level: 0,
  error() {},
  warn() {},
  info() {},
  debug() {},
};
