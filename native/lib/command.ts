// Commands for node:child_process whose path, arguments, environment or working directory are not valid UTF-8. Node
// encodes all of these as UTF-8, so a shell builds the bytes and then executes the program.
import { encodeName, isOddName } from './names.js';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
}

/** Names that a shell accepts for variables. A shell does not pass on others. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

const quoted = (text: string) => `'${text.replaceAll("'", `'"'"'`)}'`;
const octal = (bytes: Buffer) => [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

/** The command unchanged if it is UTF-8, otherwise an equivalent command for a shell, in ASCII. */
export function startable(wanted: Command): Command {
  const { command, args, env, cwd } = wanted;
  const variables = Object.entries(env).filter(([, value]) => value !== undefined) as [string, string][];
  const odd = variables.filter(([name, value]) => isOddName(name) || isOddName(value));
  if (odd.length === 0 && ![command, cwd ?? '', ...args].some(isOddName)) return wanted;
  const script: string[] = [];
  const word = (text: string): string => {
    if (!isOddName(text)) return quoted(text);
    const variable = `criu_${script.length}`;
    // Command substitution strips trailing newlines; the final dot keeps them.
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
