// A registry with nothing but given tarballs, for npm to install packages of a scope from as a user would.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename } from 'node:path';

/**
 * Serves tarballs on this machine.
 * @param packages `{ manifest, tarball }` of each
 * @returns `url`, and `close()`
 */
export async function serveRegistry(packages) {
  let url = '';
  const answer = (path) => {
    const found = packages.find(
      ({ manifest, tarball }) => path === `/${manifest.name}` || path === `/-/${basename(tarball)}`,
    );
    if (!found) return undefined;
    const { manifest, tarball } = found;
    const contents = readFileSync(tarball);
    if (path.startsWith('/-/')) return contents;
    const integrity = `sha512-${createHash('sha512').update(contents).digest('base64')}`;
    const dist = { tarball: `${url}-/${basename(tarball)}`, integrity };
    return JSON.stringify({
      name: manifest.name,
      'dist-tags': { latest: manifest.version },
      versions: { [manifest.version]: { ...manifest, dist } },
    });
  };
  const server = createServer((request, response) => {
    const body = answer(decodeURIComponent(request.url));
    response.writeHead(body === undefined ? 404 : 200).end(body ?? '{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}/`;
  return { url, close: () => server.close() };
}
