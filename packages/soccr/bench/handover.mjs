// Measures how long a connection stands still while it moves to a new socket, one by one and a thousand at once.
// Run as root after the build: node packages/soccr/bench/handover.mjs [--json]
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { discardAll, freeze, freezeAll, restore, restoreAll, toSocket } from '../dist/index.js';

if (process.getuid?.() !== 0) {
  console.error('soccr bench: needs root');
  process.exit(1);
}
const json = process.argv.includes('--json');
const MANY = 1000;
const ROUNDS = 300;

const server = createServer((socket) => socket.pause());
server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 });
await once(server, 'listening');
const { port } = server.address();

async function pair() {
  const accepted = once(server, 'connection');
  const client = connect(port, '127.0.0.1');
  const [[socket]] = await Promise.all([accepted, once(client, 'connect')]);
  return { client, socket };
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

async function oneByOne() {
  let { client, socket } = await pair();
  const standstill = [];
  const whole = [];
  for (let i = 0; i < ROUNDS; i++) {
    let begin = 0;
    let paused = 0;
    const frozen = await freeze(socket, {
      trace: (step) => {
        if (step === 'lock') begin = performance.now();
        if (step === 'pause') paused = performance.now();
      },
    });
    await frozen.discard();
    let resumed = 0;
    const fd = await restore(frozen.state, {
      trace: (step) => {
        if (step === 'resumed') resumed = performance.now();
      },
    });
    standstill.push(resumed - paused);
    whole.push(resumed - begin);
    socket = toSocket(fd, frozen.state);
  }
  client.destroy();
  socket.destroy();
  const sort = (times) => times.sort((a, b) => a - b);
  return { standstill: sort(standstill), whole: sort(whole) };
}

async function atOnce() {
  const pairs = [];
  for (let i = 0; i < MANY; i++) pairs.push(await pair());
  const begin = performance.now();
  const frozen = await freezeAll(pairs.map(({ socket }) => socket));
  const saved = performance.now();
  await discardAll(frozen);
  const states = frozen.map((one) => one.state);
  const fds = await restoreAll(states);
  const end = performance.now();
  const sockets = fds.map((fd, i) => toSocket(fd, states[i]));
  // All of them must still talk.
  const echoes = await Promise.all(
    sockets.map(async (socket, i) => {
      const { client } = pairs[i];
      client.write(`${i}`);
      const [data] = await once(socket, 'data');
      return `${data}` === `${i}`;
    }),
  );
  for (const { client } of pairs) client.destroy();
  for (const socket of sockets) socket.destroy();
  return {
    connections: MANY,
    alive: echoes.filter(Boolean).length,
    freezeMs: saved - begin,
    totalMs: end - begin,
  };
}

const one = await oneByOne();
const many = await atOnce();
server.close();
const result = {
  rounds: ROUNDS,
  pauseToResumeMs: { median: quantile(one.standstill, 0.5), p95: quantile(one.standstill, 0.95) },
  lockToResumeMs: { median: quantile(one.whole, 0.5), p95: quantile(one.whole, 0.95) },
  atOnce: many,
};
if (json) console.log(JSON.stringify(result));
else {
  const ms = (value) => `${value.toFixed(2)} ms`;
  console.log(`one connection, ${ROUNDS} moves on loopback (median, 95th percentile):`);
  console.log(`  pause to resume  ${ms(result.pauseToResumeMs.median)}  ${ms(result.pauseToResumeMs.p95)}`);
  console.log(`  lock to resume   ${ms(result.lockToResumeMs.median)}  ${ms(result.lockToResumeMs.p95)}`);
  console.log(
    `${MANY} idle connections at once: ${ms(many.totalMs)} (frozen after ${ms(many.freezeMs)}), ${many.alive} alive afterwards`,
  );
}
