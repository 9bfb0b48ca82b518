// `compel inject`: runs a command of a parasite in a process.

import { close, cstring, showName } from '@criu/native';
import { readFileSync, readlinkSync } from '@criu/native/fs';
import { readBlob } from '../blob.js';
import { Parasite } from '../parasite.js';
import { Tracer } from '../tracer.js';

function argument(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  if (text.startsWith('hex:')) return Buffer.from(text.slice(4), 'hex');
  if (text.startsWith('@')) return readFileSync(text.slice(1));
  return cstring(text);
}

export async function inject(
  pid: number,
  file: string,
  command: string | undefined,
  arg: string | undefined,
  timeoutMs: number | undefined,
): Promise<number> {
  const bytes = readFileSync(file);
  const chosen = readBlob(bytes).header.commands.find((c) => command === undefined || c.name === command);
  const given = argument(arg);
  const padded =
    given && chosen && given.length < chosen.argSize
      ? Buffer.concat([given, Buffer.alloc(chosen.argSize - given.length)])
      : given;
  await using tracer = await Tracer.start();
  const task = await tracer.seize(pid);
  const session = await task.infect();
  const parasite = await Parasite.load(session, bytes);
  const result = await parasite.call(chosen?.name ?? command ?? '', padded, {
    onLog: (line) => process.stdout.write(`${line}\n`),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  await task.resume();
  process.stdout.write(`result ${result.value}\n`);
  if (result.arg.length > 0) process.stdout.write(`argument ${result.arg.toString('hex')}\n`);
  for (const fd of result.fds) {
    process.stdout.write(`descriptor ${showName(readlinkSync(`/proc/self/fd/${fd}`))}\n`);
    close(fd);
  }
  return 0;
}
