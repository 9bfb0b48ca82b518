// What a command declares to yargs, read from the declarations themselves: the command is bundled with a recorder in the place
// of yargs, and run.
import { readFileSync } from 'node:fs';
import { load } from './load.mjs';

/** Stands in for yargs: takes the same calls, and keeps commands, options and positionals. */
const RECORDER = `
function recorder() {
  const kept = { commands: [], options: [], positionals: [], texts: {} };
  const builder = (build) => {
    const inner = recorder();
    if (typeof build === 'function') build(inner.calls);
    return inner.kept;
  };
  const known = {
    command(first, describe, build) {
      const { command, ...rest } = typeof first === 'object' ? first : { command: first, describe, builder: build };
      const [usage, ...aliases] = [command].flat();
      kept.commands.push({ usage, aliases: [...aliases, ...[rest.aliases ?? []].flat()], describe: rest.describe, ...builder(rest.builder) });
    },
    option(name, record) { kept.options.push({ name, ...record }); },
    positional(name, record) { kept.positionals.push({ name, ...record }); },
    completion(name, describe) { kept.commands.push({ usage: name, aliases: [], describe, ...recorder().kept }); },
    usage(text) { kept.texts.usage = text; },
    epilogue(text) { kept.texts.epilogue = text; },
  };
  const calls = new Proxy(known, {
    get: (_, name) => {
      if (name === 'then') return undefined;
      if (name === 'parse' || name === 'parseAsync') return () => Promise.resolve({ _: [] });
      return (...args) => { known[name]?.(...args); return calls; };
    },
  });
  return { kept, calls };
}
export default () => {
  const { kept, calls } = recorder();
  globalThis.declaredCommands = kept;
  return calls;
};
`;

const plugin = {
  name: 'recorder',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^yargs(\/yargs)?$/ }, () => ({ path: 'yargs', namespace: 'recorder' }));
    esbuild.onLoad({ filter: /./, namespace: 'recorder' }, () => ({ contents: RECORDER, loader: 'js' }));
    // This command loads yargs when it needs it.
    esbuild.onLoad({ filter: /[/\\]soccr[/\\]src[/\\]cli\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const wanted = "createRequire(import.meta.url)('yargs/yargs')";
      if (!text.includes(wanted)) throw new Error(`${path} has changed: no ${wanted}`);
      return { contents: `import recorder from 'yargs';\n${text.replace(wanted, 'recorder')}`, loader: 'ts' };
    });
  },
};

/**
 * What a command declares.
 * @param source module with `main(args)`, which builds the parser
 * @returns `{ commands, options, positionals, texts }`; each command has the same, and `usage`, `aliases`, `describe`
 */
export async function declaredBy(source) {
  const { main } = await load(`export { main } from ${JSON.stringify(`./${source}`)};`, [plugin]);
  delete globalThis.declaredCommands;
  await main(['--help']);
  const declared = globalThis.declaredCommands;
  if (!declared?.commands.length) throw new Error(`${source} declares no commands`);
  return declared;
}
