// System V message queues with their messages, and semaphore sets with their values.
import { type Agent, Program, type StepRef } from '@criu/compel';
import { encodeIpcMessages } from '@criu/images';
import { addon, SysError } from '@criu/native';
import {
  GETALL,
  IPC_NOWAIT,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MSG_COPY,
  msgbuf,
  msqid_ds,
  PROT_READ,
  PROT_WRITE,
  semid_ds,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { control, descInside, type IpcObject, LARGEST_MESSAGE, listObjects, MSG, SEM } from './objects.js';

/** Number of messages that are copied by one program. */
const BATCH = 1024;

/** Copies all messages of a queue (MSG_COPY), which stay in it. */
async function messagesOf(inside: Agent, { id, state }: IpcObject, count: number) {
  const size = Number(state.readBigUInt64LE(msqid_ds.msg_cbytes)) + (msgbuf.mtext + 8) * count;
  const first = new Program(`queue ${id}`);
  const room = first.syscall('mmap', [
    null,
    size,
    PROT_READ | PROT_WRITE,
    MAP_PRIVATE | MAP_ANONYMOUS,
    -1,
    0,
  ]);
  const start = (await inside.run(first)).big(room);
  const messages: { header: { mtype: bigint; msize: number }; data: Buffer }[] = [];
  let at = start;
  for (let from = 0; from < count; from += BATCH) {
    const p = new Program(`messages of queue ${id}`);
    const taken: StepRef[] = [];
    // Each message is stored behind the previous one, whose length is known only when the step runs.
    let place: bigint | StepRef = at;
    for (let n = from; n < Math.min(count, from + BATCH); n++) {
      const copied: StepRef = p.syscall('msgrcv', [id, place, size, n, IPC_NOWAIT | MSG_COPY], {
        label: `message ${n} of queue ${id}`,
      });
      taken.push(copied);
      place = p.addOf(place, p.plus(copied, msgbuf.mtext));
    }
    const result = await inside.run(p);
    for (const step of taken) {
      const msize = result.value(step);
      if (msize > LARGEST_MESSAGE)
        throw new CriuError('UNSUPPORTED', `message queue ${id} has a message of ${msize} bytes`, {});
      const bytes = Buffer.alloc(msgbuf.mtext + msize);
      const got = addon().vmRead(inside.pid, at, bytes);
      if (got !== bytes.length) throw new SysError('process_vm_readv', -got, `queue ${id}`);
      messages.push({
        header: { mtype: bytes.readBigUInt64LE(msgbuf.mtype), msize },
        data: bytes.subarray(msgbuf.mtext),
      });
      at += BigInt(msgbuf.mtext + msize);
    }
  }
  const last = new Program(`queue ${id}`);
  last.syscall('munmap', [start, size]);
  await inside.run(last);
  return messages;
}

/** Writes ipcns-msg-ID.img. @throws CriuError */
export async function dumpQueues(ctx: DumpContext, ns: number, inside: Agent): Promise<void> {
  ctx.images.touch('IPCNS_MSG', ns);
  for (const queue of await listObjects(inside, MSG)) {
    const qnum = Number(queue.state.readBigUInt64LE(msqid_ds.msg_qnum));
    const qbytes = Number(queue.state.readBigUInt64LE(msqid_ds.msg_qbytes));
    const messages = qnum ? await messagesOf(inside, queue, qnum) : [];
    ctx.images.add(
      'IPCNS_MSG',
      { desc: descInside(ctx, MSG, queue.desc), qbytes, qnum },
      { id: ns, payload: encodeIpcMessages(messages) },
    );
  }
}

/** Writes ipcns-sem-ID.img. @throws CriuError */
export async function dumpSemaphores(ctx: DumpContext, ns: number, inside: Agent): Promise<void> {
  ctx.images.touch('IPCNS_SEM', ns);
  for (const { id, desc, state } of await listObjects(inside, SEM)) {
    const nsems = Number(state.readBigUInt64LE(semid_ds.sem_nsems));
    const p = new Program(`semaphores ${id}`);
    const values = p.out(nsems * 2);
    control(p, SEM, id, GETALL, values, { label: `values of semaphores ${id}` });
    const payload = Buffer.from((await inside.run(p)).bytes(values));
    ctx.images.add('IPCNS_SEM', { desc: descInside(ctx, SEM, desc), nsems }, { id: ns, payload });
  }
}
