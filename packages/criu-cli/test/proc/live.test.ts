/** Reads this very process: the kernel's format as it is here and now. */

import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeName } from '@criu/native';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import * as proc from '../../src/proc/index.js';

const { pid } = process;
const folder = mkdtempSync(join(tmpdir(), 'proc-live-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a live process', () => {
  it('has the same mappings in maps and smaps', () => {
    const maps = proc.readMaps(pid);
    const smaps = proc.readSmaps(pid);
    expect(maps.length).toBeGreaterThan(10);
    expect(maps.some((m) => m.path === '[stack]' && m.prot === (PROT_READ | PROT_WRITE))).toBe(true);
    const text = smaps.find((m) => m.path === process.execPath && m.prot & PROT_EXEC);
    expect(text?.vmFlags).toContain('ex');
    expect(text?.rss).toBeGreaterThan(0);
    expect(text?.rss).toBeLessThanOrEqual((text?.end ?? 0) - (text?.start ?? 0));
    for (let i = 1; i < maps.length; i++) expect(maps[i]!.start).toBeGreaterThanOrEqual(maps[i - 1]!.end);
  });

  it('agrees with Node about its status and stat', () => {
    const status = proc.readStatus(pid);
    expect(status.pid).toBe(pid);
    expect(status.ppid).toBe(process.ppid);
    expect(status.uid[1]).toBe(process.geteuid?.());
    expect(status.gid[0]).toBe(process.getgid?.());
    expect(status.groups).toEqual(expect.arrayContaining((process.getgroups?.() ?? []).slice(1)));
    expect(status.nsPid.at(0)).toBe(pid);
    const stat = proc.readStat(pid);
    expect(stat.pid).toBe(pid);
    expect(stat.comm).toBe(status.name);
    expect(stat.session).toBe(status.nsSid[0]);
    expect(stat.numThreads).toBe(status.threads);
    expect(proc.readComm(pid)).toBe(status.name);
    const stack = proc.readMaps(pid).find((m) => m.path === '[stack]')!;
    expect(stat.startStack).toBeGreaterThan(BigInt(stack.start));
    expect(stat.startStack).toBeLessThan(BigInt(stack.end));
  });

  it('has its threads, each with a status of its own', () => {
    const tids = proc.readTids(pid);
    expect(tids).toContain(pid);
    expect(tids.length).toBe(proc.readStatus(pid).threads);
    for (const tid of tids) expect(proc.readStatus(tid).tgid).toBe(pid);
  });

  it('has the child that it made, by either way of looking', async () => {
    const child = spawn('sleep', ['60']);
    try {
      expect(proc.readChildren(pid)).toContain(child.pid);
      expect(proc.scanChildren(pid)).toContain(child.pid);
    } finally {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    expect(proc.readChildren(pid)).not.toContain(child.pid);
    expect(() => proc.readStatus(child.pid!)).toThrow(proc.TaskGoneError);
    expect(() => proc.readFds(child.pid!)).toThrow(proc.TaskGoneError);
    expect(() => proc.readCwd(child.pid!)).toThrow(proc.TaskGoneError);
    expect(() => proc.readTimers(child.pid!)).toThrow(proc.TaskGoneError);
    expect(() => proc.readNsLinks(child.pid!)).toThrow(proc.TaskGoneError);
  });

  it('has the descriptors that it opens, with odd names', () => {
    const odd = join(folder, 'a b\n(c) \\012 ü (deleted)');
    writeFileSync(odd, 'x');
    const fd = openSync(odd, 'r');
    try {
      const entry = proc.readFds(pid).find((e) => e.fd === fd)!;
      expect(entry.link).toBe(odd);
      expect(proc.parseFdLink(entry.link)).toEqual({ kind: 'path', path: odd, deleted: true });
      unlinkSync(odd);
      const after = proc.readFds(pid).find((e) => e.fd === fd)!;
      expect(proc.stripDeleted(after.link)).toBe(odd);
      const info = proc.readFdInfo(pid, fd);
      expect(info.pos).toBe(0n);
      expect(info.flags & 0o3).toBe(0);
      expect(info.flags & 0o2000000).toBe(0o2000000);
      expect(proc.readMountInfo(pid).map((m) => m.mntId)).toContain(info.mntId);
    } finally {
      closeSync(fd);
    }
    expect(() => proc.readFdInfo(pid, 1_000_000)).toThrow(
      expect.objectContaining({ code: 'PROC_MISSING', pid }),
    );
  });

  it('keeps a name that is not UTF-8', () => {
    const odd = Buffer.concat([
      Buffer.from(`${folder}/`),
      Buffer.of(0x61, 0xff, 0xc3, 0xa9, 0xed, 0xb2, 0x80),
    ]);
    writeFileSync(odd, 'x');
    const fd = openSync(odd, 'r');
    try {
      const { link } = proc.readFds(pid).find((e) => e.fd === fd)!;
      expect(link).toBe(`${folder}/a\udcffé\udced\udcb2\udc80`);
      expect(encodeName(link)).toEqual(odd);
    } finally {
      closeSync(fd);
    }
  });

  it('has arguments, environment, auxiliary vector and program', () => {
    expect(proc.readCmdline(pid).length).toBeGreaterThan(0);
    expect(proc.readEnviron(pid).some((line) => line.startsWith('PATH='))).toBe(true);
    const auxv = proc.readAuxv(pid);
    const value = new Map(auxv.entries);
    expect(value.get(6n)).toBe(4096n); // AT_PAGESZ
    expect(value.get(11n)).toBe(BigInt(process.getuid?.() ?? 0)); // AT_UID
    expect(auxv.words.length).toBeGreaterThanOrEqual(auxv.entries.length * 2 + 2);
    expect(proc.readExe(pid)).toBe(process.execPath);
    expect(proc.readCwd(pid)).toBe(process.cwd());
    expect(proc.readRoot(pid)).toBe('/');
  });

  it('has namespaces, control groups, limits and the single values', () => {
    const ns = proc.readNsLinks(pid);
    expect(ns.pid?.type).toBe('pid');
    expect(ns.pid_for_children).toEqual(ns.pid);
    expect(ns.net?.inode).toBeGreaterThan(0n);
    for (const entry of proc.readCgroup(pid)) expect(entry.path.startsWith('/')).toBe(true);
    const limits = proc.readLimits(pid);
    expect(limits).toHaveLength(16);
    expect(limits[7]!.cur).toBeGreaterThan(0n);
    expect(proc.readOomScoreAdj(pid)).toBeGreaterThanOrEqual(-1000);
    expect(proc.readPersonality(pid)).toBeTypeOf('number');
    expect(proc.readTimerSlack(pid)).toBeGreaterThan(0n);
    expect(proc.readCoredumpFilter(pid)).toBeTypeOf('number');
    expect(proc.readUidMap(pid)?.[0]?.count).toBeGreaterThan(0);
    expect(proc.readGidMap(pid)?.[0]?.count).toBeGreaterThan(0);
    expect(proc.readSetgroups(pid)).toMatch(/^(allow|deny)$/);
    // These depend on how the kernel is built.
    proc.readLoginUid(pid);
    proc.readAttrCurrent(pid);
    proc.readWchan(pid);
    proc.readSyscall(pid);
    proc.readTimensOffsets(pid);
    expect(proc.readTimers(pid) ?? []).toEqual([]);
    proc.readLocks();
  });

  it('has the files behind its mappings', () => {
    const mapped = proc.readMaps(pid).find((m) => m.path === process.execPath)!;
    // Before Linux 5.9 only CAP_SYS_ADMIN may follow these; reading them needs ptrace access alone.
    expect(proc.readMapFile(pid, mapped.start, mapped.end)).toBe(process.execPath);
    expect(proc.readMapFile(pid, 0x1000, 0x2000)).toBeUndefined();
  });

  it('reads a file larger than its first buffer whole', () => {
    const root = join(folder, 'root');
    const text = readFileSync(`/proc/${pid}/smaps`, 'latin1');
    let many = '';
    while (many.length < 1_000_000) many += text;
    expect(proc.parseSmaps(many).length).toBeGreaterThan(1000);
    expect(existsSync(root)).toBe(false);
    expect(() => proc.readPids(root)).toThrow(expect.objectContaining({ code: 'PROC_MISSING' }));
  });
});

describe('a kernel thread', () => {
  const kthreadd = existsSync('/proc/2/comm') && proc.readComm(2) === 'kthreadd';
  it.skipIf(!kthreadd)('has no program, memory or arguments', () => {
    expect(proc.readMaps(2)).toEqual([]);
    expect(proc.readCmdline(2)).toEqual([]);
    const status = proc.readStatus(2);
    expect(status.vmSize).toBeUndefined();
    expect(status.kthread ?? true).toBe(true);
    if (process.getuid?.() !== 0) return;
    expect(proc.readExe(2)).toBeUndefined();
    expect(proc.readSmaps(2)).toEqual([]);
    try {
      expect(proc.readAuxv(2).entries).toEqual([]);
    } catch (error) {
      // Some kernels refuse the file of a task without memory.
      expect(error).toMatchObject({ code: expect.stringMatching(/^PROC_(GONE|DENIED|IO|MISSING)$/) });
    }
  });
});
