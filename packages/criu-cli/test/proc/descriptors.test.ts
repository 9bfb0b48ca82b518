// What is seen of many descriptors at once is what each of them shows by itself.
import { spawn } from 'node:child_process';
import { close, sys } from '@criu/native';
import { fstatSync } from '@criu/native/fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DescriptorLook, readFdInfo, readFdNumbers } from '../../src/proc/index.js';
import { readLink } from '../../src/proc/io.js';

const SCRIPT = `
import fcntl, os, signal, socket, time
a = os.open('/etc/passwd', os.O_RDONLY)
os.lseek(a, 5, 0)
os.set_inheritable(a, True)
r, w = os.pipe()
fcntl.fcntl(r, 10, signal.SIGUSR1)
fcntl.fcntl(r, fcntl.F_SETOWN, os.getpid())
p = os.open('/etc', os.O_PATH)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u = socket.socketpair()
e = os.eventfd(7)
print(a, r, p, s.fileno(), u[0].fileno(), e, flush=True)
time.sleep(1000)
`;

describe.runIf(process.getuid?.() === 0)('a look at descriptors', () => {
  const child = spawn('python3', ['-c', SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  let numbers: number[] = [];
  let pidfd = -1;
  beforeAll(async () => {
    let line = '';
    for await (const piece of child.stdout) {
      line += piece;
      if (line.endsWith('\n')) break;
    }
    numbers = line.trim().split(' ').map(Number);
    pidfd = sys('pidfd_open', pid, 0);
  });
  afterAll(() => {
    child.kill('SIGKILL');
    close(pidfd);
  });

  test('has link, stat and fdinfo of each', () => {
    const fds = readFdNumbers(pid);
    expect(fds).toEqual(expect.arrayContaining(numbers));
    using look = new DescriptorLook(pid, pidfd, Int32Array.from(fds));
    for (const [index, fd] of fds.entries()) {
      const seen = look.at(index);
      expect(seen?.fd).toBe(fd);
      expect(seen?.link).toBe(readLink(pid, `fd/${fd}`));
      expect(seen?.info).toEqual(readFdInfo(pid, fd));
      const own = fstatSync(seen?.local ?? -1, { bigint: true });
      for (const key of ['dev', 'ino', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'size', 'blocks'] as const)
        expect(seen?.stat[key], key).toBe(own[key]);
      expect(seen?.stat.mtimeNs).toBe(own.mtimeNs);
    }
  });

  test('has position, owner, signal and family', () => {
    const [file, pipe, folder, inet, unix, eventfd] = numbers;
    using look = new DescriptorLook(pid, pidfd, Int32Array.from(numbers));
    const seen = new Map(numbers.map((fd, index) => [fd, look.at(index)]));
    expect(seen.get(file ?? -1)?.info.pos).toBe(5n);
    expect(seen.get(pipe ?? -1)).toMatchObject({ signal: 10, owner: { type: 1, id: pid, uid: 0, euid: 0 } });
    expect(seen.get(folder ?? -1)).toMatchObject({ signal: 0, owner: undefined, socket: { family: 0 } });
    expect(seen.get(inet ?? -1)?.socket).toMatchObject({ family: 2, type: 2, protocol: 17 });
    expect(seen.get(unix ?? -1)?.socket).toMatchObject({ family: 1, type: 1, protocol: 0 });
    // Both are of this network namespace.
    expect(seen.get(unix ?? -1)?.socket.netns).toBe(seen.get(inet ?? -1)?.socket.netns);
    expect(seen.get(eventfd ?? -1)?.info.eventfd?.count).toBe(7n);
  });

  test('says that there is no such descriptor', () => {
    using look = new DescriptorLook(pid, pidfd, Int32Array.of(999));
    expect(() => look.at(0)).toThrow(/pidfd_getfd: EBADF/);
  });

  test('closes its copies', () => {
    const before = readFdNumbers(process.pid);
    new DescriptorLook(pid, pidfd, Int32Array.from(numbers))[Symbol.dispose]();
    expect(readFdNumbers(process.pid)).toEqual(before);
  });
});
