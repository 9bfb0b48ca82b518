// What bin/criu asks before it starts node: a request for the version is answered, of all others the type is told and nothing taken.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CriuReqType, encodeMessage } from '@criu/images';
import { describe, expect, it } from 'vitest';
import { CRIU_VERSION } from '../../src/criu-version.js';
import { seqpacketPair } from '../../src/rpc/socket.js';
import { versionResponse } from '../../src/rpc/version.js';

const program = fileURLToPath(
  new URL('../../../../native/prebuilds/linux-x64/first-request', import.meta.url),
);
const NUMBERS = CRIU_VERSION.split('.');
const UNKNOWN = 255;
const ROOM = 16_384;

/** Its exit code for what has been sent, and what it has answered. */
async function look(request: Uint8Array | undefined, numbers: readonly string[] = NUMBERS) {
  const [ours, theirs] = seqpacketPair();
  try {
    if (request) ours.sendNow(Buffer.from(request));
    const child = spawn(program, ['3', ...numbers], { stdio: ['ignore', 'ignore', 'ignore', theirs.fd] });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    const [left, answer] = [theirs, ours].map((end) => end.peekMessage(ROOM));
    return { code, left, answer };
  } finally {
    theirs.close();
    ours.close();
  }
}

/** SCHED_RR, if this machine lets a process have it. */
const RAISED = availableParallelism() > 1 && spawnSync('chrt', ['-r', '1', 'true']).status === 0 ? '2' : '0';

/**
 * Scheduling policies of a shell that has it look, as bin/criu does, and of a child of that shell.
 * @param parent which pid it is given
 */
function policies(type: number, parent = '$$') {
  const [ours, theirs] = seqpacketPair();
  try {
    ours.sendNow(Buffer.from(encodeMessage('CriuReq', { type, ...OPTIONS })));
    // The 41st field of proc_pid_stat(5).
    const policy = (pid: string) =>
      `read -r line < /proc/${pid}/stat; set -- \${line##*) }; shift 38; echo $1`;
    const script = [`"$0" 3 ${NUMBERS.join(' ')} ${parent}`, policy('$$'), `sh -c '${policy('$$')}'`].join(
      '\n',
    );
    const { stdout } = spawnSync('sh', ['-c', script, program], {
      stdio: ['ignore', 'pipe', 'inherit', theirs.fd],
      encoding: 'utf8',
    });
    return stdout.trim().split('\n');
  } finally {
    theirs.close();
    ours.close();
  }
}

const version = (more: object = {}) => encodeMessage('CriuReq', { type: CriuReqType.VERSION, ...more });
const options = (length: number) => ({ images_dir_fd: 7, root: 'r'.repeat(length) });
const OPTIONS = { opts: { ...options(200), ext_mnt: [{ key: 'k', val: 'v' }] } };

describe('the first request', () => {
  it('is answered by bin/criu with the version that this is', () => {
    const script = readFileSync(new URL('../../bin/criu', import.meta.url), 'utf8');
    expect(script).toContain(`"$look" "$2" ${NUMBERS.join(' ')} $$ && exit`);
  });

  it.each([
    ['nothing else', {}],
    ['options', OPTIONS],
    ['options whose length takes two bytes', { opts: options(3000) }],
    ['short options', { opts: options(0) }],
  ])('is answered for the version with %s', async (_, more) => {
    const { code, left, answer } = await look(version(more));
    expect([code, left]).toEqual([0, undefined]);
    expect(answer).toEqual(encodeMessage('CriuResp', versionResponse()));
  });

  const broken = version(OPTIONS);
  it.each<[string, Uint8Array, number]>([
    ...(['DUMP', 'RESTORE', 'PRE_DUMP', 'SINGLE_PRE_DUMP'] as const).map(
      (name): [string, Uint8Array, number] => [
        `another type (${name})`,
        encodeMessage('CriuReq', { type: CriuReqType[name], ...OPTIONS }),
        CriuReqType[name],
      ],
    ),
    [
      'a dump of many words',
      encodeMessage('CriuReq', { type: CriuReqType.DUMP, opts: options(8000) }),
      CriuReqType.DUMP,
    ],
    ['a client that goes on', version({ keep_open: true }), CriuReqType.VERSION],
    ['a client that goes on, with options', version({ ...OPTIONS, keep_open: true }), CriuReqType.VERSION],
    ['features', version({ features: { mem_track: true } }), CriuReqType.VERSION],
    ['options that end too soon', broken.subarray(0, -1), CriuReqType.VERSION],
    ['options with something behind them', Buffer.concat([broken, Buffer.from([0])]), CriuReqType.VERSION],
    ['options without a length', version(OPTIONS).subarray(0, 3), CriuReqType.VERSION],
    ['a length without an end', Buffer.from([8, 10, 0x12, 0xff, 0xff, 0xff, 0xff, 1]), CriuReqType.VERSION],
    ['too much for a version', version({ opts: options(5000) }), CriuReqType.VERSION],
    ['no type in front', broken.subarray(2), UNKNOWN],
    ['the type 0', Buffer.from([8, 0]), UNKNOWN],
    ['a type of several bytes', Buffer.from([8, 0x8a, 0]), UNKNOWN],
    ['one byte', Buffer.from([8]), UNKNOWN],
  ])('stays where it is with %s', async (_, request, expected) => {
    const { code, left, answer } = await look(request);
    expect(code).toBe(expected);
    expect(left).toEqual(Buffer.from(request));
    expect(answer).toBeUndefined();
  });

  it.each([
    ['a dump', CriuReqType.DUMP, RAISED],
    ['a restore', CriuReqType.RESTORE, RAISED],
    ['a check of features', CriuReqType.FEATURE_CHECK, '0'],
    ['the version', CriuReqType.VERSION, '0'],
  ])('has the process that waits for %s go before others, or not', (_, type, policy) =>
    expect(policies(type)).toEqual([policy, '0']),
  );

  it('changes no process but its parent', () =>
    expect(policies(CriuReqType.DUMP, '$PPID')).toEqual(['0', '0']));

  it('is not waited for without end', async () => expect((await look(undefined)).code).toBe(UNKNOWN));

  it.each([[[]], [['4']], [['4', '200']], [['x', '2']], [['4', '2', '1', '1']]])(
    'is not answered by %j',
    async (numbers) => expect((await look(version(), numbers)).code).toBe(UNKNOWN),
  );
});
