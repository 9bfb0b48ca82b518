// What is seen of many descriptors at once is what each of them shows by itself.
import { spawn } from 'node:child_process';
import { abi, addon, close, sys } from '@criu/native';
import { fstatSync } from '@criu/native/fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DescriptorLook, type LookTools, readFdInfo, readFdNumbers } from '../../src/proc/index.js';
import { readLink } from '../../src/proc/io.js';

const COUNT = 40;
const SCRIPT = `
import fcntl, os, shutil, signal, socket, tempfile, time
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
# A pipe and a socket with names, and a pipe by O_PATH.
folder = tempfile.mkdtemp()
os.mkfifo(folder + '/fifo')
fifo = os.open(folder + '/fifo', os.O_RDWR)
bound = socket.socket(socket.AF_UNIX)
bound.bind(folder + '/socket')
named = os.open(folder + '/socket', os.O_PATH)
again = os.open('/proc/self/fd/%d' % r, os.O_PATH)
shutil.rmtree(folder)
# Each even descriptor is a file of its own, the odd one behind it the same.
for i in range(${COUNT}):
    one = os.open('/dev/null', os.O_RDONLY)
    os.dup2(one, 100 + 2 * i)
    os.dup2(one, 101 + 2 * i)
    os.close(one)
sockets = [socket.socketpair() for i in range(4)]
sockets[2][0].setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 3)
for i in range(4):
    os.dup2(sockets[i][0].fileno(), 300 + i)
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(1)
client = socket.create_connection(listener.getsockname())
os.dup2(listener.fileno(), 310)
os.dup2(client.fileno(), 311)
# Each differs from all others.
many = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in range(40)]
for i in range(40):
    many[i].setsockopt(socket.SOL_SOCKET, socket.SO_MARK, i)
    os.dup2(many[i].fileno(), 400 + i)
print(a, r, p, s.fileno(), u[0].fileno(), e, flush=True)
time.sleep(1000)
`;

describe.runIf(process.getuid?.() === 0)('a look at descriptors', () => {
  const child = spawn('python3', ['-c', SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  let numbers: number[] = [];
  let pidfd = -1;
  const looked = (fds: readonly number[], tools: Partial<LookTools> = {}, ahead = false) =>
    new DescriptorLook(
      pid,
      pidfd,
      Int32Array.from(fds),
      { descriptions: addon().makeDescriptions(), questions: [], ...tools },
      ahead,
    );
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
    using look = looked(fds);
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
    using look = looked(numbers);
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

  test.each([
    ['by itself', false],
    ['in a thread', true],
  ])('tells which lead to the same description, %s', (_how, ahead) => {
    const descriptions = addon().makeDescriptions();
    const found = new Map<number, number>();
    // In several looks, and not as they were opened.
    for (const rest of [0, 1, 2]) {
      const fds = Array.from({ length: 2 * COUNT }, (_, i) => 100 + ((i * 7) % (2 * COUNT)));
      using look = looked(
        fds.filter((fd) => fd % 3 === rest),
        { descriptions },
        ahead,
      );
      for (const [index, fd] of look.fds.entries()) found.set(fd, look.at(index)?.description ?? 0);
    }
    for (let fd = 100; fd < 100 + 2 * COUNT; fd += 2) expect(found.get(fd)).toBe(found.get(fd + 1));
    expect(new Set(found.values()).size).toBe(COUNT);
    expect(Math.min(...found.values())).toBeGreaterThan(0);
  });

  test('tells which sockets have answered the same', () => {
    const [SOL_SOCKET, SO_PRIORITY, SO_TYPE] = [1, 12, 3];
    const wanted = Int32Array.of(SOL_SOCKET, SO_PRIORITY, 4, SOL_SOCKET, SO_TYPE, 4, SOL_SOCKET, 9999, 4);
    const questions = addon().makeQuestions({
      family: 1,
      type: 1,
      protocol: -1,
      connected: -1,
      place: abi.DESCRIPTOR_OPTIONS,
      wanted,
    });
    const [, , , inet = -1] = numbers;
    using look = looked([300, 301, 302, 303, inet, 100], { questions: [questions] });
    const answers = [...look.fds.keys()].map((index) => look.at(index)?.answers.options);
    // Of another kind, and no socket at all.
    expect(answers).toEqual([1, 1, 2, 1, 0, 0]);
    const told = (number: number) => {
      const bytes = addon().answerTo(questions, number);
      return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32LE(i * 4));
    };
    // Lengths, with -ENOPROTOOPT, and values.
    expect(told(1)).toEqual([4, 4, -92, 0, 1, 0]);
    expect(told(2)).toEqual([4, 4, -92, 3, 1, 0]);
  });

  test('asks TCP sockets with a peer and those without for what is wanted of them', () => {
    const [SOL_TCP, TCP_SYNCNT, TCP_USER_TIMEOUT] = [6, 7, 18];
    const tcp = { family: 2, type: 1, protocol: 6, place: abi.DESCRIPTOR_OPTIONS };
    const [without, having] = [TCP_SYNCNT, TCP_USER_TIMEOUT].map((option, connected) =>
      addon().makeQuestions({ ...tcp, connected, wanted: Int32Array.of(SOL_TCP, option, 4) }),
    );
    if (!without || !having) throw new Error('no questions');
    using look = looked([310, 311], { questions: [without, having] });
    expect([look.at(0)?.answers, look.at(1)?.answers]).toEqual([
      { options: 1, peer: 0, connected: false },
      { options: 1, peer: 0, connected: true },
    ]);
    // Length and value: some tries, no limit of time.
    expect(addon().answerTo(without, 1).readInt32LE(4)).toBeGreaterThan(0);
    expect([...addon().answerTo(having, 1)]).toEqual([4, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('asks no more where all answer differently', () => {
    const [SOL_SOCKET, SO_MARK] = [1, 36];
    const udp = { family: 2, type: 2, protocol: 17, connected: -1, place: abi.DESCRIPTOR_OPTIONS };
    const questions = addon().makeQuestions({ ...udp, wanted: Int32Array.of(SOL_SOCKET, SO_MARK, 4) });
    const fds = Array.from({ length: 40 }, (_, i) => 400 + i);
    using look = looked([...fds, ...fds.slice(0, 3)], { questions: [questions] });
    const answers = [...look.fds.keys()].map((index) => look.at(index)?.answers.options);
    const known = answers.filter((answer) => answer !== 0);
    expect(new Set(known).size).toBe(known.length);
    expect(known.length).toBeGreaterThan(20);
    expect(answers.slice(-3)).toEqual([0, 0, 0]);
  });

  test('says that there is no such descriptor', () => {
    using look = looked([999]);
    expect(() => look.at(0)).toThrow(/pidfd_getfd: EBADF/);
  });

  test('closes its copies', () => {
    const before = readFdNumbers(process.pid);
    looked(numbers)[Symbol.dispose]();
    expect(readFdNumbers(process.pid)).toEqual(before);
  });
});
