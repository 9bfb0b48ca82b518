// `criu check`: categories, exit codes, and the probes themselves on this kernel.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { OPTIONS } from '../../src/cli/option-table.js';
import { type CheckResult, check, FEATURES, missing } from '../../src/features/index.js';
import { stopsAt } from '../../src/features/kit.js';
import { cleanUp, criu } from './fake-shell.js';

afterEach(cleanUp);

/** A kernel that lacks these features. */
const lacking = (...missing: string[]) =>
  async function* (names: readonly string[]): AsyncGenerator<CheckResult> {
    for (const name of names)
      yield {
        feature: FEATURES.find((f) => f.name === name)!,
        missing: missing.includes(name) ? 'not there' : null,
      };
  };
const run = (args: string[], ...missing: string[]) =>
  criu(['check', ...args], { check: lacking(...missing) });

test('all names of CRIU 4.2 are known, and none twice', () => {
  const criuNames =
    'mnt_id mem_dirty_track aio_remap timerfd tun tun_ns userns fdinfo_lock seccomp_suspend seccomp_filters loginuid cgroupns ' +
    'autofs tcp_half_closed compat_cr uffd uffd-noncoop can_map_vdso sk_ns sk_unix_file net_diag_raw nsid link_nsid kcmp_epoll ' +
    'timens external_net_ns clone3_set_tid newifindex nftables has_ipt_legacy pidfd_store ns_pid apparmor_stacking ' +
    'network_lock_nftables sockopt_buf_lock memfd_hugetlb move_mount_set_group openat2 get_rseq_conf ipv6_freebind pagemap_scan ' +
    'timer_cr_ids overlayfs_maps breakpoints pagemap_scan_guard_pages';
  const names = FEATURES.map((f) => f.name);
  expect(criuNames.split(' ').filter((n) => !names.includes(n))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test('a good kernel looks good', async () => {
  expect(await run(['--all'])).toMatchObject({ code: 0, out: 'Looks good.\n', err: '' });
});

test('a missing extra feature counts only when extra features are asked for', async () => {
  expect(await run([], 'timens')).toMatchObject({ code: 0, out: 'Looks good.\n' });
  const r = await run(['--extra'], 'timens');
  expect(r.code).toBe(1);
  expect(r.out).toMatch(/^Looks good but some kernel features are missing\n/);
  expect(r.err).toBe(
    'timens: not there\n  time namespaces\n  without it: clocks of restored tasks are those of the machine\n',
  );
});

test('a missing required feature ends the check', async () => {
  const r = await run(['--all'], 'kcmp', 'timens');
  expect(r.code).toBe(1);
  expect(r.err).toMatch(/^kcmp: not there\n.*\n {2}without it: no dump\nDoes not look good\.\n$/);
  expect(r.out).toBe('');
});

test('what there is another way for, or no use, is told and changes nothing', async () => {
  for (const name of ['breakpoints', 'pagemap_scan', 'ns_last_pid', 'vmsplice', 'soft_dirty']) {
    const r = await run(['--all'], name);
    expect([name, r.code, r.out]).toEqual([name, 0, 'Looks good.\n']);
    expect(r.err).toMatch(new RegExp(`^${name}: not there\\n.*\\n {2}without it: .+\\n$`));
  }
});

test('incremental dumps need nothing of the kernel: pages can be compared', async () => {
  expect(await missing('mem_dirty_track')).toBeNull();
});

test('one feature by name', async () => {
  expect(await run(['--feature', 'timens'])).toMatchObject({ code: 0, out: 'timens is supported\n' });
  expect(await run(['--feature', 'timens'], 'timens')).toMatchObject({ code: 1, out: '' });
  expect(await run(['--feature', 'timens', '-v0'], 'timens')).toMatchObject({ code: 1, out: '', err: '' });
  const unknown = await run(['--feature', 'timen']);
  expect([unknown.code, unknown.err]).toEqual([
    1,
    'criu: unknown feature timen\n  did you mean timens? [BAD_OPTION]\n',
  ]);
  expect((await run(['--feature', 'list'])).out.split('\n')).toContain('pagemap_scan');
});

test('what this version has no use for is missing, whatever the kernel can do', async () => {
  for (const name of ['compat_cr'])
    expect(await missing(name)).toMatch(/^this version has no use for it: it /);
  // Lazy restore has an option of its own.
  const lazy = OPTIONS.find((o) => o.name === 'lazy-pages')!.support !== 'no';
  for (const f of FEATURES.filter((f) => /lazy restore/.test(f.without)))
    expect([f.name, f.lacking === undefined]).toEqual([f.name, lazy]);
});

test('the result as JSON', async () => {
  const timens = {
    name: 'timens',
    category: 'extra',
    supported: false,
    reason: 'not there',
    without: 'clocks of restored tasks are those of the machine',
  };
  const one = await run(['--feature', 'timens', '--json'], 'timens');
  expect([one.code, JSON.parse(one.out)]).toEqual([
    1,
    {
      good: false,
      features: [timens],
    },
  ]);

  const { out, code } = await run(['--extra', '--json'], 'timens');
  const result = JSON.parse(out);
  expect([code, result.good]).toEqual([1, false]);
  expect(result.features).toContainEqual(timens);
});

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('check.test.ts: probes of the kernel: skipped: needs root');

describe.skipIf(!isRoot)('on this kernel', () => {
  test('every probe comes to an answer and leaves no descriptor behind', async () => {
    const names = FEATURES.map((f) => f.name);
    const all = async () => {
      const results: CheckResult[] = [];
      for await (const r of check(names)) results.push(r);
      return results;
    };
    await all();
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    const results = await all();
    // What a probe has ended is closed a moment later; what it has forgotten never is.
    await expect.poll(open, { timeout: 10_000 }).toBeLessThanOrEqual(before);
    expect(results.filter((r) => r.missing?.startsWith('the probe failed'))).toEqual([]);
    const missing = results.filter((r) => r.feature.category === 'required' && r.missing !== null);
    expect(missing.map((r) => `${r.feature.name}: ${r.missing}`)).toEqual([]);
  });

  test('a breakpoint is one that stops a task: one that nobody has set is none', async () => {
    expect(await stopsAt(() => undefined)).toBe('the task ran over it without a stop');
  });

  const peer = process.env.CRIU_PEER;
  test.skipIf(!peer)('CRIU comes to the same answers (CRIU_PEER)', async () => {
    // What this implementation itself does not do is missing whatever the kernel can do, and increments need no tracking.
    const ours = [...FEATURES.filter((f) => f.lacking).map((f) => f.name), 'mem_dirty_track'];
    const help = execFileSync(peer!, ['--help'], { encoding: 'utf8' });
    const listed = /--feature FEAT[^:]*:\s*([\w\s,-]*?)\n\n/
      .exec(help)![1]!
      .split(/[\s,]+/)
      .filter(Boolean);
    const different: string[] = [];
    for (const name of listed.filter((n) => !ours.includes(n))) {
      const theirs = spawnSync(peer!, ['check', '--feature', name, '-v0']).status === 0;
      for await (const { missing } of check([name]))
        if (theirs !== (missing === null)) different.push(`${name}: ${missing ?? 'there'}`);
    }
    expect(different).toEqual([]);
  });
});
