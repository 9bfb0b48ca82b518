// The tables against a CRIU that is here with its sources (CRIU_PEER): a name that it has and they have not is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { peer } from '../dump/victim.js';
import { VARIABLE_FACTS } from './environment.js';
import { FEATURE_FACTS } from './features.js';
import { OPTION_FACTS } from './options.js';
import { FIELD_FACTS, MESSAGE_FACTS, REQUEST_FACTS, STAGE_FACTS } from './requests.js';
import { names } from './table.js';

/** The sources that the binary of CRIU_PEER was built from, if they are beside it. */
const sources = peer && dirname(dirname(peer));
const source = (path: string) => (sources ? join(sources, path) : '');
const hasSources = existsSync(source('images/rpc.proto'));
if (!hasSources)
  console.log('peer.test.ts: names of CRIU itself: skipped: CRIU_PEER is not set, or without its sources');

describe.skipIf(!hasSources)('of CRIU itself (CRIU_PEER)', () => {
  const read = (path: string) => readFileSync(source(path), 'utf8');
  const found = (text: string, pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();

  test('options of its help, and none more, are in the table', () => {
    const { stdout } = spawnSync(peer ?? '', ['--help'], { encoding: 'utf8' });
    const known = new Set(names(OPTION_FACTS));
    const unknown = found(stdout, /(?:^|[\s|])--([a-z][a-z-]+[a-z])/gm).filter(
      (name) => !known.has(name) && !known.has(name.replace(/^no-/, '')) && name !== 'no',
    );
    expect(unknown).toEqual([]);
  });

  test('fields, requests and messages of its rpc.proto are in the tables', () => {
    const proto = read('images/rpc.proto').replaceAll(/\/\*.*?\*\//gs, '');
    const body = (kind: string, name: string) =>
      new RegExp(`${kind} ${name} \\{(.*?)\\n\\}`, 's').exec(proto)?.[1] ?? '';
    const fields = (message: string) =>
      found(body('message', message), /(?:optional|required|repeated)\s+\S+\s+(\w+)\s*=/g);
    expect(fields('criu_opts')).toEqual(names(FIELD_FACTS));
    expect(found(body('enum', 'criu_req_type'), /^\s*(\w+)\s*=/gm)).toEqual(names(REQUEST_FACTS));
    const messages = found(proto, /^message (\w+)/gm).filter((name) => name !== 'criu_opts');
    expect(messages).toEqual(Object.keys(MESSAGE_FACTS).sort());
    for (const message of messages)
      expect([message, fields(message)]).toEqual([message, names(MESSAGE_FACTS[message] ?? [])]);
  });

  test('variables that its sources read are in the table', () => {
    const files = ['criu', 'compel/src', 'plugins'].flatMap((folder) =>
      readdirSync(source(folder), { recursive: true, encoding: 'utf8' }).flatMap((file) =>
        file.endsWith('.c') ? [join(folder, file)] : [],
      ),
    );
    const read_ = files.flatMap((file) => found(read(file), /getenv(?:_\w+)?\("(\w+)"/g));
    expect([...new Set(read_)].sort()).toEqual(names(VARIABLE_FACTS));
  });

  test('features and stages are in the tables', () => {
    const list = /feature_list\[\] = \{(.*?)\n\};/s.exec(read('criu/cr-check.c'))?.[1] ?? '';
    expect(found(list, /\{ "([\w-]+)",/g)).toEqual(names(FEATURE_FACTS));
    expect(found(read('criu/action-scripts.c'), /\[ACT_\w+\] = "([\w-]+)"/g)).toEqual(names(STAGE_FACTS));
  });
});
