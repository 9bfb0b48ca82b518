// A registry with one image on the loopback device, of which runtimes pull it: `127.0.0.1:PORT/box:1`, with the root of kit.mjs.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { freshDir, run } from './kit.mjs';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** @param rootfs folder with the root of the image */
export async function serveImage(rootfs) {
  const tar = join(freshDir('registry'), 'layer.tar');
  run('tar', ['-C', rootfs, '-cf', tar, '.']);
  const layer = readFileSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['/bin/count'], Env: ['PATH=/bin:/sbin'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
  );
  const of = (mediaType, bytes) => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: of(CONFIG, config),
      layers: [of(LAYER, layer)],
    }),
  );
  const there = new Map([layer, config].map((bytes) => [`/v2/box/blobs/${digestOf(bytes)}`, bytes]));
  const server = createServer(({ url, method }, response) => {
    const isManifest = url.startsWith('/v2/box/manifests/');
    const bytes = url === '/v2/' ? Buffer.from('{}') : isManifest ? manifest : there.get(url);
    if (!bytes) {
      response.writeHead(404).end('{}');
      return;
    }
    response.writeHead(200, {
      'content-type': isManifest ? MANIFEST : 'application/octet-stream',
      'content-length': bytes.length,
      'docker-content-digest': digestOf(bytes),
    });
    response.end(method === 'HEAD' ? undefined : bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { image: `127.0.0.1:${server.address().port}/box:1`, end: () => server.close() };
}
