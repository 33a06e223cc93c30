// Debian's redis, a server whose memory is worth saving: fetched once for all checkouts of a user, with its libraries, and not installed.
// Plain JavaScript on Node's own modules.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './archive.js';
import { madeOnce, unpackProgram } from './packages.js';

const release = 'trixie';
const libraries = 'lib/x86_64-linux-gnu';

/** Words that start the server where the directory is mounted at `place`: the libraries are its own. */
export const redisWords = (place) => [
  `${place}/${libraries}/ld-linux-x86-64.so.2`,
  '--library-path',
  `${place}/${libraries}`,
  `${place}/bin/redis-server`,
];

/**
 * A directory with programs and libraries, made when it is not there.
 * @throws Unavailable when they cannot be downloaded
 */
export const fetchRedis = () => madeOnce(join(cacheFolder(), `redis-${release}`), download);

function download(folder) {
  console.error(`downloading redis of Debian ${release} (some 10 MB) into ${cacheFolder()}`);
  const root = join(folder, 'root');
  mkdirSync(root);
  unpackProgram(release, 'redis-server', /^(redis|lib|zlib|gcc-\d+-base)/, root);
  for (const name of ['bin', 'lib']) renameSync(join(root, 'usr', name), join(folder, name));
  rmSync(root, { recursive: true });
}
