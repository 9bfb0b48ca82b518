// Each field of a request, alone: it reaches the engine, is refused with a wrong value, or is refused by its name with the reason.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CriuReqType } from '@criu/images';
import { afterEach, describe, expect, test } from 'vitest';
import { OPTIONS } from '../../src/cli/option-table.js';
import { FIELDS } from '../../src/rpc/fields.js';
import { DUMP_STATS } from '../cli/fake-shell.js';
import { isRoot } from '../dump/victim.js';
import * as rpc from '../rpc/client.js';
import { OPTION_FACTS } from './options.js';
import { FIELD_FACTS, type FieldFact, type Place, REQUEST_FACTS } from './requests.js';
import { named, names, of } from './table.js';

afterEach(rpc.cleanUp);

describe('fields of criu_opts', () => {
  /** The answer to a request, and what the engine was asked for. */
  async function optionsFor(fact: FieldFact, place: Place, opts: rpc.Options) {
    const seen: object[] = [];
    const { client, dumped, restored } = rpc.serve({
      worker: true,
      become: () => new Promise<never>(() => undefined),
      engine: {
        preDump: async (options) => {
          seen.push(options);
          return { pid: 1, tasks: 1, stats: DUMP_STATS };
        },
      },
    });
    const base = {
      images_dir: place.dir,
      ...(isRoot || fact.name === 'unprivileged' ? {} : { unprivileged: true }),
    };
    const request =
      fact.request === 'restore'
        ? rpc.restoreRequest({ ...base, ...opts })
        : {
            ...rpc.dumpRequest({ ...base, ...opts }),
            ...(fact.request === 'pre-dump' ? { type: CriuReqType.SINGLE_PRE_DUMP } : {}),
          };
    const answer = await client.ask(request);
    return { answer, options: [...dumped, ...restored, ...seen][0] };
  }

  function place(): Place {
    const { dir, fd } = rpc.openDir();
    mkdirSync(join(dir, 'images'));
    return { dir, fd };
  }

  test('all are in the table, or of this version alone', () => {
    const known = new Set(names(FIELD_FACTS));
    const isOurs = (name: string) => OPTIONS.some((option) => option.name === name && option.ours);
    for (const [field, rule] of Object.entries(FIELDS))
      if (!known.has(field))
        expect([field, rule.kind === 'options' && rule.names.every(isOurs)]).toEqual([field, true]);
    expect(FIELD_FACTS.filter(({ name }) => !(name in FIELDS))).toEqual([]);
  });

  test('that work have a test that sees the effect: their own, or one of the option that they are', () => {
    const seen = new Map(OPTION_FACTS.map((fact) => [fact.name, fact.seen ?? []]));
    const unseen = FIELD_FACTS.filter(({ name, is, seen: own = [] }) => {
      const [, rule] = Object.entries(FIELDS).find(([field]) => field === name) ?? [];
      const options: readonly string[] = rule?.kind === 'options' ? rule.names : [];
      return is === 'works' && [...own, ...options.flatMap((option) => seen.get(option) ?? [])].length === 0;
    });
    expect(names(unseen)).toEqual([]);
  });

  test.each(named(FIELD_FACTS.filter(({ is }) => is !== 'refused')))(
    '%s reaches the engine, and a wrong value is refused',
    async (_name, fact) => {
      const at = place();
      const { answer, options } = await optionsFor(fact, at, fact.opts(at));
      expect(answer).toMatchObject({ success: true });
      const expected = fact.gives?.(at) ?? {};
      expect(options).toMatchObject(expected);
      if (Object.keys(expected).length > 0) {
        const without = await optionsFor(fact, place(), {});
        expect(without.options).not.toMatchObject(expected);
      }
      if (!fact.bad) return;
      const [opts, message] = fact.bad;
      const wrong = await optionsFor(fact, place(), opts);
      expect(wrong.answer).toMatchObject({ success: false });
      expect(wrong.answer?.cr_errmsg).toContain(message);
      expect(wrong.options).toBeUndefined();
    },
  );

  test.each(named(of(FIELD_FACTS, 'refused')))(
    '%s is refused by its name, with the reason',
    async (name, fact) => {
      const at = place();
      const { answer, options } = await optionsFor(fact, at, fact.opts(at));
      expect([answer?.success, options]).toEqual([false, undefined]);
      expect(answer?.cr_errmsg).toMatch(
        new RegExp(`${name} \\(--${name.replaceAll('_', '-')}\\) is refused: .*${fact.why}`),
      );
    },
  );
});

describe('requests', () => {
  test.each(named(REQUEST_FACTS))('%s', async (name, { is, why }) => {
    const type = CriuReqType[name as keyof typeof CriuReqType];
    const answer = await rpc.serve().client.ask({ type });
    if (is === 'refused')
      expect(answer).toMatchObject({ success: false, cr_errmsg: expect.stringContaining(why ?? '') });
    // Without options there is nothing to do, but the request is known.
    else expect(answer?.cr_errmsg ?? '').not.toContain('no request of type');
  });
});
