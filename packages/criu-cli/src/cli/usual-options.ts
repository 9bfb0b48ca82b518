// Default options for requests, from the command line of `criu service` and `criu swrk`. A request can override them.
import { resolvePath } from '@criu/native/fs';
import { configChoice } from './command-line.js';
import { type GivenOption, parseArguments } from './normalise.js';
import { checkValue } from './option-value.js';

/** Options about the server itself, or that only a request can have. */
const OWN: ReadonlySet<string> = new Set([
  'address',
  'port',
  'ps-socket',
  'pidfile',
  'daemon',
  'restore-detached',
  'restore-sibling',
  'exec-cmd',
  'inherit-fd',
  'status-fd',
  'images-dir',
  'work-dir',
  'log-file',
  'config',
  'no-default-config',
  'close',
  'tree',
  'help',
  'version',
]);

/** @throws CriuError BAD_OPTION */
export function usualOptions(given: readonly GivenOption[]): GivenOption[] {
  const usual = given.filter(({ option }) => !OWN.has(option.name));
  for (const one of usual) checkValue(one);
  return usual;
}

/**
 * Arguments for a process that serves requests on behalf of this one; paths of configuration files are resolved against
 * `cwd`.
 */
export function usualArguments(argv: readonly string[], cwd: string): string[] {
  const { given } = parseArguments(argv);
  const { named, defaults } = configChoice(given);
  return [
    ...usualOptions(given).map(({ option: { name }, value, negated }) =>
      value === undefined ? `--${negated ? 'no-' : ''}${name}` : `--${name}=${value}`,
    ),
    ...(defaults ? [] : ['--no-default-config']),
    ...(named === undefined ? [] : [`--config=${resolvePath(cwd, named)}`]),
  ];
}
