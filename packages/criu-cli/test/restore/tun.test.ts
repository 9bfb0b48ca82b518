// Files of tun(4) come back attached to their devices, as long as these stay.
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeImage, readImageSync } from '@criu/images';
import { close, encodeName, sysRaw } from '@criu/native';
import { existsSync, readFileSync } from '@criu/native/fs';
import { TUNSETIFF, TUNSETPERSIST } from '@criu/native/uapi';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { dump, planRestore, restore, survey } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';
import { free, freshDir, until } from '../support.js';

afterAll(cleanUp);

/** Lets a device end. */
function removeDevice(name: string): void {
  const flags = `/sys/class/net/${name}/tun_flags`;
  if (!existsSync(flags)) return;
  const request = Buffer.alloc(40);
  encodeName(name).copy(request);
  request.writeUInt16LE(Number(readFileSync(flags, 'latin1')) & 0xffff, 16);
  const fd = openSync('/dev/net/tun', 'r+');
  sysRaw('ioctl', fd, TUNSETIFF, request);
  sysRaw('ioctl', fd, TUNSETPERSIST, 0);
  close(fd);
}

function canMakeDevices(): boolean {
  if (!isRoot || !existsSync('/dev/net/tun')) return false;
  const request = Buffer.alloc(40);
  request.writeUInt16LE(1, 16);
  const fd = openSync('/dev/net/tun', 'r+');
  const result = sysRaw('ioctl', fd, TUNSETIFF, request);
  close(fd);
  return result === 0;
}

const start = (env: Record<string, string> = {}) =>
  Victim.start('tunnels', env, new URL('victims/tunnels.c', import.meta.url));

describe.skipIf(!canMakeDevices())('files of tun (need root and /dev/net/tun)', () => {
  afterEach(() => {
    removeDevice('criutest0');
    removeDevice('criutest\udce9');
  });

  it('are attached to their devices again, queue by queue, twice in a row', async () => {
    const victim = await start();
    try {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await roundTrip(victim);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('are not dumped when the device would end with them', async () => {
    const victim = await start({ PASSING: '1' });
    try {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        // Either of its two devices would be lost.
        message: expect.stringMatching(/criutest[0\udce9]/),
        remedy: expect.stringContaining('TUNSETPERSIST'),
      });
      await until('it sleeps', () => victim.state === 'S');
    } finally {
      await victim.end();
    }
  });

  it('whose device is gone, or has no proper name, are an error, before anything is made if it can be known', async () => {
    const victim = await start();
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await free([victim.pid]);
      removeDevice('criutest0');
      const gone = {
        code: 'FILE_CHANGED',
        remedy: expect.stringContaining('ip tuntap add dev criutest0'),
      };
      const { problems } = await survey({ imagesDir });
      expect(problems).toContainEqual(expect.objectContaining(gone));
      await expect(restore({ imagesDir })).rejects.toMatchObject(gone);
      const path = join(imagesDir, 'files.img');
      const files = readImageSync(path, 'FILES').map(({ entry }) => ({
        entry: entry.tunf?.netdev ? { ...entry, tunf: { ...entry.tunf, netdev: '../../x' } } : entry,
      }));
      writeFileSync(path, encodeImage('FILES', files));
      await expect(planRestore({ imagesDir })).rejects.toMatchObject({ code: 'BAD_IMAGE' });
    } finally {
      await victim.end();
    }
  });
});
