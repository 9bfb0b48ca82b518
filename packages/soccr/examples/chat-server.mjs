// A chat and download server that is upgraded without dropping a client: `kill -USR2 PID` starts a successor, hands all
// open connections over to it and exits. Run as root: node chat-server.mjs [PORT]
//
//   curl localhost:8080/pid                    which process answers
//   curl localhost:8080/download?bytes=1e9     survives the upgrade in the middle
//   curl localhost:8080/slow?ms=5000           an answer that is not ready yet
//   curl -d 'hello' localhost:8080/say         says it to everybody in the chat
//   curl -NH 'Connection: Upgrade' -H 'Upgrade: chat' localhost:8080/chat
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { discardAll, freezeAll, restoreSockets, resumeAll } from '@criu/soccr';

/** Every open connection with what this server knows of it; that is all a successor has to be told. */
const connections = new Map(); // socket → { unanswered: Buffer[], download?: { size, sent }, chat?: { line } }
/** While connections are handed over: a promise that is kept only if that failed, so that all goes on here. */
let gate;

const pattern = Buffer.from('0123456789abcdef'.repeat(4096));
/** Bytes of a download from `at` on. */
const piece = (at, size) => pattern.subarray(at % 16, Math.min(pattern.length, (at % 16) + size - at));

const http = createHttpServer((request, response) => {
  const { socket } = request;
  const known = connections.get(socket);
  const url = new URL(request.url, 'http://localhost');
  // A request that is not answered when the hand-over begins is answered by the successor, which gets its bytes again.
  const answer = async (text) => {
    await gate;
    response.end(`${text}\n`);
  };
  // From here on nobody needs the request's bytes any more. (A client that sends its next request before it has the
  // answer to this one would need more bookkeeping.)
  response.on('finish', () => {
    known.unanswered = [];
    known.download = undefined;
  });
  if (url.pathname === '/pid') return answer(process.pid);
  if (url.pathname === '/slow') return setTimeout(() => answer('here'), Number(url.searchParams.get('ms')));
  if (url.pathname === '/say') {
    let said = '';
    request.on('data', (data) => {
      said += data;
    });
    return request.on('end', () => {
      tell(said);
      answer('said');
    });
  }
  if (url.pathname === '/download') {
    const size = Number(url.searchParams.get('bytes'));
    response.writeHead(200, { 'content-length': size });
    known.unanswered = [];
    known.download = { size, sent: 0 };
    return send(response, known.download).then(() => response.end());
  }
  response.statusCode = 404;
  answer('?');
});

http.on('upgrade', (_request, socket) => {
  const known = connections.get(socket);
  known.unanswered = [];
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n');
  chat(socket, known, '');
});

/** Writes what is left of a download; stops where it is when the connection is handed over. */
async function send(stream, download) {
  while (download.sent < download.size && !stream.destroyed) {
    await gate;
    const data = piece(download.sent, download.size);
    download.sent += data.length;
    if (!stream.write(data)) await once(stream, 'drain');
  }
}

function chat(socket, known, line) {
  known.chat = { line };
  socket.on('data', (data) => {
    const lines = (known.chat.line + data).split('\n');
    known.chat.line = lines.pop();
    for (const said of lines) tell(said);
  });
}

function tell(said) {
  for (const [socket, { chat: member }] of connections) if (member) socket.write(`${said}\n`);
}

function track(socket) {
  const known = { unanswered: [] };
  connections.set(socket, known);
  socket.on('error', () => {});
  socket.on('close', () => connections.delete(socket));
  return known;
}

/** A connection on which HTTP is spoken from here on. Its requests are kept until they are answered. */
function serve(socket, known = track(socket)) {
  http.emit('connection', socket);
  socket.prependListener('data', (data) => {
    if (!known.chat && !known.download) known.unanswered.push(data);
  });
}

/** A connection that the predecessor has handed over. */
function adopt(socket, { download, chat: member }) {
  const known = track(socket);
  if (member) return chat(socket, known, member.line);
  if (!download) return serve(socket, known);
  known.download = download;
  return send(socket, download).then(() => {
    known.download = undefined;
    serve(socket, known);
  });
}

async function handOver(listener) {
  if (gate) return;
  const successor = fork(process.argv[1], {
    serialization: 'advanced',
    env: { ...process.env, SUCCESSOR: '1' },
  });
  await once(successor, 'message');
  let goOn;
  gate = new Promise((resolve) => {
    goOn = resolve;
  });
  const { port } = listener.address();
  // New clients wait in the listener's backlog until the successor accepts them.
  successor.send('listener', listener);
  listener.close();
  const all = [...connections];
  let frozen = [];
  try {
    frozen = await freezeAll(
      all.map(([target, { unanswered }]) => ({ target, unread: Buffer.concat(unanswered) })),
    );
    for (const one of frozen) one.detach();
    const facts = all.map(([, { download, chat: member }]) => ({ download, chat: member }));
    successor.send({ states: frozen.map((one) => one.state), facts });
    const [reply] = await once(successor, 'message');
    if (reply !== 'done') throw new Error(reply);
  } catch (error) {
    console.error(`hand-over failed, going on: ${error.message}`);
    successor.kill();
    await resumeAll(frozen);
    gate = undefined;
    goOn();
    listener.listen(port);
    return;
  }
  await discardAll(frozen);
  successor.disconnect();
  process.exit();
}

function listen(listener) {
  listener.on('connection', (socket) => serve(socket));
  process.on('SIGUSR2', () => handOver(listener));
  console.log(`${process.pid} serves port ${listener.address().port}`);
}

if (process.env.SUCCESSOR) {
  process.on('message', async (message, listener) => {
    if (listener) return listen(listener);
    try {
      const sockets = await restoreSockets(message.states, { allowHalfOpen: true });
      sockets.forEach((socket, i) => {
        adopt(socket, message.facts[i]);
      });
      process.send('done');
    } catch (error) {
      process.send(error.message);
    }
  });
  process.send('ready');
} else {
  const listener = createServer({ allowHalfOpen: true });
  listener.listen(Number(process.argv[2] ?? 8080), () => listen(listener));
}
