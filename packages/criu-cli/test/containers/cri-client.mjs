// A client of a container runtime interface (CRI), as the kubelet is one: pods in the network of the host, their containers,
// and checkpoints of them, by gRPC on a socket. Field numbers are those of `runtime.v1` in Kubernetes' cri-api.
import { connect as connectHttp } from 'node:http2';
import { connect } from 'node:net';
import { decode, encode } from './protobuf.mjs';

/** NamespaceOption: the network of the machine (NODE), and pids of each container's own (CONTAINER), as the kubelet has it. */
const NAMESPACES = { 1: 2, 2: 1 };
const LIMIT_MS = 120_000;

export class Cri {
  constructor(socket) {
    this.socket = socket;
  }

  /** Asks a service one question. @throws Error with the text of the runtime */
  ask(service, method, message) {
    const session = connectHttp('http://localhost', { createConnection: () => connect(this.socket) });
    return new Promise((resolve, reject) => {
      const fail = (error) => reject(new Error(`${method}: ${error.message}`));
      session.on('error', fail);
      const stream = session.request({
        ':method': 'POST',
        ':path': `/runtime.v1.${service}/${method}`,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.setTimeout(LIMIT_MS, () => stream.destroy(new Error('no answer in time')));
      const chunks = [];
      let status = {};
      const statusOf = (headers) => {
        if (headers['grpc-status'] !== undefined) status = headers;
      };
      stream.on('response', statusOf);
      stream.on('trailers', statusOf);
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('error', fail);
      stream.on('end', () => {
        const text = decodeURIComponent(status['grpc-message'] ?? 'there is no status');
        if (status['grpc-status'] !== '0') fail(new Error(text));
        // Each message has a flag and its length before it.
        else resolve(decode(Buffer.concat(chunks).subarray(5)));
      });
      const body = encode(message);
      const head = Buffer.alloc(5);
      head.writeUInt32BE(body.length, 1);
      stream.end(Buffer.concat([head, body]));
    }).finally(() => session.close());
  }

  runtime(method, message) {
    return this.ask('RuntimeService', method, message);
  }

  async version() {
    const answer = await this.runtime('Version', { 1: 'v1' });
    return `${answer[2]} ${answer[3]}`;
  }

  async pull(image) {
    const answer = await this.ask('ImageService', 'PullImage', { 1: { 1: image } });
    return answer[1].toString();
  }

  /** A pod in the network of the host. */
  async makePod(name, logs) {
    const security = { 1: NAMESPACES };
    const labels = [
      { 1: 'io.kubernetes.pod.name', 2: name },
      { 1: 'io.kubernetes.pod.namespace', 2: 'default' },
    ];
    const config = {
      1: { 1: name, 2: `uid-${name}`, 3: 'default' },
      4: {},
      3: logs,
      6: labels,
      8: { 2: security },
    };
    const answer = await this.runtime('RunPodSandbox', { 1: config });
    return { id: answer[1].toString(), config, labels };
  }

  async removePod({ id }) {
    await this.runtime('StopPodSandbox', { 1: id });
    await this.runtime('RemovePodSandbox', { 1: id });
  }

  /**
   * Starts a container of a pod. @param image a name, or an archive of a checkpoint that is to be restored
   * @param hosts file that it has as /etc/hosts, which the kubelet gives to each
   */
  async startContainer(pod, name, image, hosts, command) {
    const config = {
      1: { 1: name },
      2: { 1: image, 18: image },
      3: command,
      7: { 1: '/etc/hosts', 2: hosts },
      9: [...pod.labels, { 1: 'io.kubernetes.container.name', 2: name }],
      10: [{ 1: 'example.org/note', 2: 'kept with the checkpoint' }],
      11: `${name}.log`,
      15: { 2: { 3: NAMESPACES } },
    };
    const created = await this.runtime('CreateContainer', { 1: pod.id, 2: config, 3: pod.config });
    const id = created[1].toString();
    await this.runtime('StartContainer', { 1: id });
    return id;
  }

  async checkpoint(id, location) {
    await this.runtime('CheckpointContainer', { 1: id, 2: location });
  }

  /** What a command in a container says. */
  async exec(id, ...command) {
    const answer = await this.runtime('ExecSync', { 1: id, 2: command, 3: 20 });
    return (answer[1] ?? '').toString();
  }

  /** Without time to end by itself. */
  async stopContainer(id) {
    await this.runtime('StopContainer', { 1: id, 2: 0 });
  }
}
