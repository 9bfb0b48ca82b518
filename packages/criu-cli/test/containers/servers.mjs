// Servers with state of their own for containers, and clients that know which answers are right.
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from './client.mjs';
import { env, run, until } from './kit.mjs';

/** One connection of a server that counts its questions by itself. */
export function countingClient(address, port) {
  return new Client(address, port, (n) => ({
    question: 'next\n',
    answered(text) {
      if (!text.endsWith('\n')) return undefined;
      if (text !== `${n + 1}\n`) throw new Error(`it said ${JSON.stringify(text)} in place of ${n + 1}`);
      return '';
    },
  }));
}

const JAVA = `
import java.io.*;
import java.net.*;

public class Counter {
    public static void main(String[] args) throws Exception {
        ServerSocket server = new ServerSocket(Integer.parseInt(args[0]));
        while (true) {
            Socket socket = server.accept();
            socket.setTcpNoDelay(true);
            new Thread(() -> {
                try (BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
                     OutputStream out = socket.getOutputStream()) {
                    StringBuilder kept = new StringBuilder();
                    for (int n = 1; in.readLine() != null; n++) {
                        // Garbage for the collector, which has threads of its own.
                        kept.append(new byte[4096].length);
                        if (kept.length() > 100000) kept = new StringBuilder();
                        out.write((n + "\\n").getBytes());
                    }
                } catch (IOException gone) {
                    // The client has left.
                }
            }).start();
        }
    }
}
`;

/** Into the root of a container; gives the arguments that start it. */
export function javaServer(rootfs, port) {
  const source = join(rootfs, 'data', 'Counter.java');
  writeFileSync(source, JAVA);
  run('javac', ['-d', join(rootfs, 'data'), source]);
  return ['/usr/bin/java', '-Xmx128m', '-cp', '/data', 'Counter', String(port)];
}

const NODE = `
require('node:net').createServer((socket) => {
  let n = 0;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    for (const byte of data) if (byte === 10) socket.write(++n + '\\n');
  });
}).listen(Number(process.argv[2]), '0.0.0.0');
`;

export function nodeServer(rootfs, port) {
  writeFileSync(join(rootfs, 'data', 'counter.cjs'), NODE);
  return ['/usr/bin/node', '/data/counter.cjs', String(port)];
}

export const POSTGRES_PORT = 5432;
const id = (flag) => Number(run('id', [flag, 'postgres']));

/** A cluster in the root of a container; gives the arguments that start its server, and as whom. */
export function postgresServer(rootfs, spec) {
  const [version] = readdirSync('/usr/lib/postgresql').sort().reverse();
  const bin = `/usr/lib/postgresql/${version}/bin`;
  const cluster = join(rootfs, 'data', 'cluster');
  mkdirSync(cluster);
  run('chmod', ['1777', join(rootfs, 'tmp')]);
  run('chown', ['postgres:postgres', cluster]);
  const as = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  // Its folders lead through one that only root may enter.
  run('chmod', ['o+x', join(rootfs, '..', '..'), join(rootfs, '..'), rootfs, join(rootfs, 'data')]);
  run('setpriv', [...as, `${bin}/initdb`, '-A', 'trust', '-U', 'postgres', '-D', cluster], { cwd: '/' });
  appendFileSync(join(cluster, 'pg_hba.conf'), 'host all all 0.0.0.0/0 trust\n');
  spec.process.user = { uid: id('-u'), gid: id('-g') };
  return [`${bin}/postgres`, '-D', '/data/cluster', '-h', '0.0.0.0', '-k', '/tmp', '-c', 'fsync=off'];
}

/** pgbench, which ends at the first connection that fails. */
export class Pgbench {
  answers = 0;
  /** Between two seconds with transactions, in ms: no less than a second. */
  longest = 0;
  failure = undefined;

  constructor(address, connections) {
    this.to = ['-h', address, '-p', String(POSTGRES_PORT), '-U', 'postgres'];
    run('pgbench', [...this.to, '-q', '-i', '-s', '2', 'postgres'], { stdio: 'ignore' });
    const load = ['-c', String(connections), '-j', '2', '-T', '600', '-P', '1', 'postgres'];
    this.child = spawn('pgbench', [...this.to, ...load], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    this.child.stderr.on('data', (text) => {
      said += text;
      const lines = said.split('\n');
      said = lines.pop();
      for (const line of lines) this.hear(line);
    });
    this.child.on('exit', (status) => {
      if (!this.ended) this.failure ??= new Error(`pgbench ended with ${status}`);
    });
  }

  hear(line) {
    const [, tps, failed] = /^progress: .* ([\d.]+) tps,.* (\d+) failed/.exec(line) ?? [];
    if (tps === undefined) {
      if (/error|fatal|aborted/i.test(line)) this.failure ??= new Error(line);
      return;
    }
    if (Number(failed) > 0) this.failure ??= new Error(line);
    if (Number(tps) === 0) return;
    this.answers += Math.round(Number(tps));
    this.longest = Math.max(this.longest, Date.now() - (this.heard ?? Date.now()));
    this.heard = Date.now();
  }

  async goesOn() {
    const before = this.answers;
    await until('pgbench goes on', () => this.failure || this.answers > before, 40_000);
    if (this.failure) throw this.failure;
  }

  /** No transaction was done by halves, or twice. */
  check() {
    const sums = ['abalance) FROM pgbench_accounts', 'bbalance) FROM pgbench_branches'].concat([
      'tbalance) FROM pgbench_tellers',
      'delta) FROM pgbench_history',
    ]);
    // In one statement, which sees all of them at one moment: the load goes on.
    const select = `SELECT ${sums.map((sum) => `(SELECT SUM(${sum})`).join(', ')}`;
    const found = run('psql', [...this.to, '-A', '-t', '-c', select, 'postgres'])
      .trim()
      .split('|');
    if (new Set(found).size !== 1) throw new Error(`the balances are ${found}`);
  }

  end() {
    this.ended = true;
    this.child.kill('SIGKILL');
  }
}
