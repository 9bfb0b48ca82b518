// One version for all packages, and for what they need of each other.

const KINDS = ['dependencies', 'peerDependencies', 'devDependencies', 'optionalDependencies'];

/** A manifest, or an entry of a lock file, in another version. */
export function inVersion(manifest, version) {
  const changed = { ...manifest, version };
  for (const kind of KINDS)
    if (manifest[kind])
      changed[kind] = Object.fromEntries(
        Object.entries(manifest[kind]).map(([name, wanted]) => [
          name,
          name.startsWith('@criu/') ? version : wanted,
        ]),
      );
  return changed;
}

/** A lock file with the packages at given places in another version. */
export function lockInVersion(lock, places, version) {
  const packages = { ...lock.packages };
  for (const place of places) {
    if (!packages[place]) throw new Error(`package-lock.json knows nothing of ${place}`);
    packages[place] = inVersion(packages[place], version);
  }
  return { ...lock, packages };
}
