// `--cgroup-props`: properties of control groups as YAML.
import { CriuError } from '../../errors.js';
import { isPropertyName } from './property-name.js';

/** The properties that are given for a controller: in addition to those that are built in, or in place of them. */
export interface GivenProperties {
  readonly controller: string;
  readonly strategy: 'merge' | 'replace';
  readonly properties: readonly string[];
}

/**
 * @param text YAML: by controller, `strategy` (`merge` or `replace`) and `properties`
 * @param option where it comes from
 * @throws CriuError BAD_OPTION
 */
export async function parseProperties(text: string, option: string): Promise<GivenProperties[]> {
  const wrong = (what: string): CriuError =>
    new CriuError(
      'BAD_OPTION',
      `${option}: ${what}`,
      {},
      'it has the form "cpu":\\n - "strategy": "merge"\\n - "properties": ["cpu.shares"]',
    );
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw wrong(error.message.replace(/\n.*/s, ''));
  let spec: unknown;
  try {
    spec = document.toJS({ maxAliasCount: 0 });
  } catch (thrown) {
    throw wrong((thrown as Error).message);
  }
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec))
    throw wrong('controllers are missing');
  return Object.entries(spec).map(([controller, list]) => {
    if (!Array.isArray(list)) throw wrong(`${controller} has no list of strategy and properties`);
    const { strategy, properties } = Object.assign({}, ...list) as Record<string, unknown>;
    if (strategy !== 'merge' && strategy !== 'replace')
      throw wrong(`the strategy of ${controller} is neither merge nor replace`);
    if (!Array.isArray(properties) || !properties.every((p) => typeof p === 'string' && isPropertyName(p)))
      throw wrong(`the properties of ${controller} are not a list of names`);
    return { controller, strategy, properties: properties as string[] };
  });
}
