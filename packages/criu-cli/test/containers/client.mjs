// Clients of servers in containers: each question has one right answer, and no connection may end.
import { createConnection } from 'node:net';
import { until } from './kit.mjs';

/** A connection on which one question after the other is asked; each has to be answered rightly. */
export class Client {
  answers = 0;
  longest = 0;
  failure = undefined;

  constructor(address, port, ask) {
    this.ask = ask;
    this.socket = createConnection(port, address);
    this.socket.setNoDelay(true);
    this.socket.on('error', (error) => {
      this.failure ??= error;
    });
    this.socket.on('close', () => {
      this.failure ??= this.ended ? undefined : new Error('the server has closed the connection');
    });
    let text = '';
    this.socket.on('data', (data) => {
      text += data.toString('latin1');
      const rest = this.expected(text);
      if (rest === undefined) return;
      text = rest;
      this.longest = Math.max(this.longest, Date.now() - this.asked);
      this.answers++;
      setImmediate(() => this.next());
    });
    this.next();
  }

  next() {
    if (this.ended) return;
    const { question, answered } = this.ask(this.answers);
    this.expected = (text) => {
      try {
        return answered(text);
      } catch (error) {
        this.failure ??= error;
        return '';
      }
    };
    this.asked = Date.now();
    this.socket.write(question);
  }

  end() {
    this.ended = true;
    this.socket.destroy();
  }

  async goesOn() {
    const before = this.answers;
    await until('an answer', () => this.failure || this.answers > before + 10);
    if (this.failure) throw this.failure;
  }
}
