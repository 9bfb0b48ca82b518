// Programs to be started by node:child_process whose path, arguments, environment or folder are no UTF-8. Node has only
// UTF-8 for all of these: there a shell puts the bytes together, and becomes the program.
import { encodeName, isOddName } from './names.js';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
}

/** Names that a shell can have for variables; it passes on no others. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

const quoted = (text: string) => `'${text.replaceAll("'", `'"'"'`)}'`;
const octal = (bytes: Buffer) => [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

/** The command as it is, or one of the same effect that has ASCII in all these places. */
export function startable(wanted: Command): Command {
  const { command, args, env, cwd } = wanted;
  const variables = Object.entries(env).filter(([, value]) => value !== undefined) as [string, string][];
  const odd = variables.filter(([name, value]) => isOddName(name) || isOddName(value));
  if (odd.length === 0 && ![command, cwd ?? '', ...args].some(isOddName)) return wanted;
  const script: string[] = [];
  const word = (text: string): string => {
    if (!isOddName(text)) return quoted(text);
    const variable = `criu_${script.length}`;
    // What is substituted loses newlines at its end, if there is nothing behind them.
    script.push(`${variable}=$(printf '${octal(encodeName(text))}.'); ${variable}=\${${variable}%.}`);
    return `"$${variable}"`;
  };
  const known = odd.filter(([name]) => VARIABLE.test(name));
  const exported = known.map(([name, value]) => `export ${name}=${word(value)}`);
  const folder = cwd === undefined ? [] : [`cd -- ${word(cwd)}`];
  const all = [command, ...args].map(word).join(' ');
  return {
    command: '/bin/sh',
    args: ['-c', [...script, ...exported, ...folder, `exec ${all}`].join('\n')],
    env: Object.fromEntries(variables.filter((variable) => !odd.includes(variable))),
  };
}
