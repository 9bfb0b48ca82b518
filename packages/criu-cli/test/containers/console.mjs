// Who waits for the terminal of a container (--console-socket): takes its master, says something, hears what comes.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, freshDir, until } from './kit.mjs';

/** Takes the master of a terminal that a runtime sends, and passes on what is said on either side. */
const RECEIVER = `
import array, os, select, socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1)
master = None
while True:
    ready = select.select([s, 0] + ([master] if master is not None else []), [], [])[0]
    if s in ready:
        c, _ = s.accept()
        _, anc, _, _ = c.recvmsg(4096, socket.CMSG_LEN(4))
        if master is not None: os.close(master)
        master = array.array('i', anc[0][2])[0]; c.close()
    if 0 in ready:
        line = os.read(0, 4096)
        if not line: sys.exit()
        os.write(master, line)
    if master is not None and master in ready:
        try: os.write(1, os.read(master, 4096))
        except OSError: os.close(master); master = None
`;

export class Console {
  said = '';

  /** Begins to listen on a socket whose path is `socket`. */
  static async listen() {
    const console = new Console();
    const dir = freshDir('console');
    console.socket = join(dir, 's');
    writeFileSync(join(dir, 'receiver.py'), RECEIVER);
    const args = [join(dir, 'receiver.py'), console.socket];
    console.receiver = spawn('python3', args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    console.receiver.stdout.on('data', (text) => {
      console.said += text;
    });
    await until('the console listens', () => existsSync(console.socket));
    return console;
  }

  /** Types a line, and waits until it comes back in brackets. */
  async hears(text) {
    const from = this.said.length;
    this.receiver.stdin.write(`${text}\n`);
    await until(`an answer to ${text}`, () => this.said.slice(from).includes(`[${text}]`));
  }

  end() {
    this.receiver.kill('SIGKILL');
  }
}
