// Converts a whole image to JSON text while the image is read, so that its size does not matter.
import { Buffer } from 'node:buffer';
import {
  type DecoderOptions,
  decodeIpcMessages,
  ImageDecoder,
  type ImageKind,
  type ImageSink,
  type IpcMsgEntry,
  type IpcShmEntry,
  kindInfo,
  type MessageName,
  type PayloadPlan,
  type PayloadRule,
  semaphoreValues,
  splitTcpQueues,
  type TcpStreamEntry,
} from '@criu/images';
import { joined } from './io.js';
import { MessageText } from './message-text.js';
import { BASE64_LINE, base64Lines, humanSize } from './python-text.js';

export interface ImageTextOptions extends DecoderOptions {
  /** Indented lines, and numbers in the form of their display hints. */
  readonly pretty?: boolean | undefined;
  /** Print the sizes of payloads instead of their bytes. */
  readonly noPayload?: boolean | undefined;
}

/** Payloads that are not printed as one base64 text must be complete. */
const WHOLE: ReadonlySet<PayloadRule> = new Set(['tcp', 'sem', 'messages']);

/** Receives the bytes of an image in pieces and produces crit's JSON in pieces. */
export class ImageText implements ImageSink {
  private readonly text: MessageText;
  private readonly decoder: ImageDecoder;
  private readonly pad: string;
  private rule: PayloadRule | undefined;
  private entries = 0;
  private last: { entry: object; plan: PayloadPlan } | undefined;
  private pieces: Buffer[] = [];
  private size = 0;
  /** Bytes that do not fill a line of base64 yet. */
  private partial: Buffer = Buffer.alloc(0);

  constructor(
    private readonly write: (text: string) => void,
    private readonly options: ImageTextOptions = {},
  ) {
    this.text = new MessageText(options.pretty === true);
    this.pad = options.pretty ? '        ' : '';
    this.decoder = new ImageDecoder(this, options);
  }

  push(chunk: Buffer): void {
    this.decoder.push(chunk);
  }

  end(): void {
    this.decoder.end();
    this.finishEntry();
    if (this.options.pretty) this.write(this.entries === 0 ? '[]\n}' : '\n    ]\n}');
    else this.write(this.entries === 0 ? '[]}' : ']}');
  }

  begin(kind: ImageKind): void {
    this.rule = kindInfo(kind).payload;
    this.write(
      this.options.pretty
        ? `{\n    "magic": "${kind}",\n    "entries": `
        : `{"magic": "${kind}", "entries": `,
    );
  }

  entry(entry: object, type: MessageName, plan: PayloadPlan | undefined): void {
    this.finishEntry();
    const { pretty, noPayload } = this.options;
    const first = pretty ? '[\n        ' : '[';
    const next = pretty ? ',\n        ' : ', ';
    const lead = this.entries++ === 0 ? first : next;
    if (plan === undefined || plan.is === 'none' || (noPayload && this.rule === 'ghost')) {
      this.write(lead + this.text.show(type, entry, this.pad));
      return;
    }
    const members = this.text.members(type, entry, this.pad);
    const separator = pretty ? `,\n${this.pad}    ` : ', ';
    const open = pretty ? `{\n${this.pad}    ` : '{';
    this.write(`${lead}${open}${[...members, '"extra": '].join(separator)}`);
    if (!this.whole && !noPayload) this.write('"');
    this.last = { entry, plan };
    this.size = 0;
  }

  payload(bytes: Buffer): void {
    if (this.last === undefined) return;
    if (this.whole) {
      this.pieces.push(bytes);
      return;
    }
    this.size += bytes.length;
    if (this.options.noPayload) return;
    const all = this.partial.length === 0 ? bytes : Buffer.concat([this.partial, bytes]);
    const full = all.length - (all.length % BASE64_LINE);
    this.write(base64Lines(all.subarray(0, full)));
    this.partial = Buffer.from(all.subarray(full));
  }

  private get whole(): boolean {
    return this.rule !== undefined && WHOLE.has(this.rule);
  }

  private finishEntry(): void {
    if (this.last === undefined) return;
    const { entry } = this.last;
    if (this.whole) {
      const bytes = joined(this.pieces);
      this.write(this.wholePayload(entry, bytes));
      this.pieces = [];
    } else if (this.options.noPayload) {
      // For a segment whose contents are in a pages image crit prints the size as well.
      const size = this.rule === 'shm' ? Number((entry as IpcShmEntry).size) : this.size;
      this.write(`"... <${humanSize(size)}>"`);
    } else {
      this.write(`${base64Lines(this.partial)}"`);
      this.partial = Buffer.alloc(0);
    }
    this.write(this.options.pretty ? `\n${this.pad}}` : '}');
    this.last = undefined;
  }

  private wholePayload(entry: object, bytes: Buffer): string {
    const pad = this.options.pretty ? `${this.pad}    ` : '';
    const inner = this.options.pretty ? `${pad}    ` : '';
    if (this.rule === 'messages') {
      const messages = decodeIpcMessages(bytes, (entry as IpcMsgEntry).qnum);
      if (this.options.noPayload) {
        // crit counts the headers and the data, but not the words between them.
        const padding = messages.reduce((sum, { data }) => sum + 4 + (-data.length & 7), 0);
        return `"... <${humanSize(bytes.length - padding)}>"`;
      }
      // crit prints the headers of messages in compact form, also in pretty output.
      const plain = new MessageText(false);
      const items = messages.flatMap(({ header, data }) => [
        this.text.close(plain.members('IpcMsg', header, ''), inner),
        `"${base64Lines(data)}"`,
      ]);
      return this.text.list(items, pad);
    }
    if (this.options.noPayload) return `"... <${humanSize(bytes.length)}>"`;
    if (this.rule === 'sem') return this.text.list(semaphoreValues(bytes).map(String), pad);
    const { inq, outq } = splitTcpQueues(entry as TcpStreamEntry, bytes);
    return this.text.close([`"inq": "${base64Lines(inq)}"`, `"outq": "${base64Lines(outq)}"`], pad);
  }
}

/** crit's JSON for an image in memory. @throws ImageError */
export function imageToJson(bytes: Buffer, options: ImageTextOptions = {}): string {
  const pieces: string[] = [];
  const text = new ImageText((piece) => pieces.push(piece), options);
  text.push(bytes);
  text.end();
  return pieces.join('');
}
