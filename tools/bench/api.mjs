// A process that uses the API: requests as lines of JSON, and the milliseconds that each took.
import { createInterface } from 'node:readline';
import { dump, restore } from '../../packages/criu-cli/dist/index.js';

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const start = process.hrtime.bigint();
  try {
    if (request.dump) await dump(request.dump);
    else await restore(request.restore);
    console.log(JSON.stringify({ ms: Number(process.hrtime.bigint() - start) / 1e6 }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
  }
}
