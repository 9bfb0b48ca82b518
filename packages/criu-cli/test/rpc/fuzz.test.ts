// Whatever a client sends, there is an answer or the connection ends; nothing throws and nothing hangs.
import { type CriuReq, CriuReqType, encodeMessage } from '@criu/images';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_MESSAGE } from '../../src/rpc/socket.js';
import { cleanUp, dumpRequest, openDir, restoreRequest, serve } from './client.js';

let dir: string;
beforeAll(() => {
  dir = openDir().dir;
});
afterAll(cleanUp);

const noCheck = {
  async *check() {},
};

/** Sends messages, then nothing more; what came back. */
async function survives(messages: readonly Uint8Array[]): Promise<number> {
  const { client, done } = serve(noCheck);
  let answers = 0;
  try {
    for (const bytes of messages) await client.sendBytes(bytes);
  } catch {
    // It has closed the connection already.
  }
  while (await client.receive().catch(() => undefined)) {
    answers += 1;
    // Or it would wait for more.
    if (answers === messages.length) client.socket.close();
  }
  client.socket.close();
  await done;
  return answers;
}

test('random bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 3 }),
      async (messages) => {
        expect(await survives(messages)).toBeLessThanOrEqual(messages.length);
      },
    ),
    { numRuns: 150 },
  );
});

test('good requests that are cut, or have a byte wrong', async () => {
  const full = encodeMessage('CriuReq', {
    ...dumpRequest({
      images_dir: dir,
      external: ['a', 'b'],
      ps: { address: 'x', port: 1 },
      cg_root: [{ path: '/' }],
    }),
    keep_open: true,
  });
  for (let length = 1; length < full.length; length++) await survives([full.subarray(0, length)]);
  await fc.assert(
    fc.asyncProperty(fc.nat(full.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const bytes = Buffer.from(full);
      bytes[at]! ^= mask;
      await survives([bytes, bytes]);
    }),
    { numRuns: 150 },
  );
});

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constant(''),
  fc.constant('\0'),
  fc.constant('x'.repeat(5000)),
);
const word = fc.oneof(
  fc.constantFrom(-1, 0, 1, 0x7fffffff, -0x80000000),
  fc.integer({ min: -0x80000000, max: 0x7fffffff }),
);
const flag = fc.boolean();

test('requests that decode and mean no good', async () => {
  const opts = fc.record(
    {
      images_dir_fd: word,
      images_dir: fc.oneof(text, fc.constant('/tmp'), fc.constant('/proc/self/fd')),
      pid: word,
      log_level: word,
      log_to_stderr: fc.constant(true),
      config_file: fc.oneof(text, fc.constant('/etc/passwd'), fc.constant('/proc/self')),
      notify_scripts: flag,
      rst_sibling: flag,
      exec_cmd: fc.array(text, { maxLength: 3 }),
      inherit_fd: fc.array(fc.record({ fd: word, key: text }), { maxLength: 2 }),
      ext_mnt: fc.array(fc.record({ key: text, val: text }), { maxLength: 2 }),
      ghost_limit: fc.nat(0xffffffff),
      timeout: fc.nat(0xffffffff),
      empty_ns: fc.nat(0xffffffff),
      manage_cgroups_mode: word,
      work_dir_fd: word,
      root: text,
      leave_running: flag,
      leave_stopped: flag,
    },
    { requiredKeys: ['images_dir_fd', 'log_to_stderr'] },
  );
  // Waiting for a child of this process would take one from another test.
  const types = Object.values(CriuReqType).filter((type) => type !== CriuReqType.WAIT_PID);
  await fc.assert(
    fc.asyncProperty(
      fc.record({ type: fc.oneof(fc.constantFrom(...types), word), keep_open: flag }),
      opts,
      async (head, given) => {
        const quiet = { ...given, log_level: Math.min(0, given.log_level ?? 0) };
        const bytes = encodeMessage('CriuReq', { ...head, opts: quiet } as CriuReq);
        await survives([bytes]);
      },
    ),
    { numRuns: 300 },
  );
});

// More than the kernel lets others than root send at once.
test.skipIf(process.getuid?.() !== 0)(
  'a request that is too large is refused and takes no memory',
  async () => {
    const { client, done } = serve();
    const { sys } = await import('@criu/native');
    sys('setsockopt', client.socket.fd, 1, 32, new Int32Array([4 << 20]), 4);
    const answered = client.receive();
    await client.sendBytes(Buffer.alloc(MAX_MESSAGE + 1, 10));
    expect(await answered).toMatchObject({ type: CriuReqType.EMPTY, success: false });
    expect(await done).toBe(false);
  },
);

test('tens of thousands of small things in one request', async () => {
  const many = Array.from({ length: 50_000 }, () => '');
  const { client } = serve();
  const answer = await client.ask(
    restoreRequest({ images_dir: dir, external: many, log_to_stderr: true, log_level: 0 }),
  );
  expect(answer).toMatchObject({ type: CriuReqType.RESTORE });
});
