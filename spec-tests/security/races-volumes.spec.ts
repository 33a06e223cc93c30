import { describe } from 'vitest';
import {
  boundDirectory,
  boundFile,
  copiedUp,
  copiedUpDirectory,
  destination,
  device,
  exchangedWithAnother,
  mappedDirectory,
  protectedPaths,
  tmpfs,
  workingDirectory,
} from './attacks.ts';
import { race } from './race.ts';

describe('a volume of which somebody exchanges a part while the container is made', () => {
  race('CFG-011 CVE-2021-30465 CVE-2024-45310 a symlink in the place of a directory leads no mount to the host, whichever way it is made', [
    ...(['absolute', 'climbing'] as const).flatMap((link) => [
      destination(link, tmpfs()),
      destination(link, tmpfs('silent')),
      destination(link, boundDirectory),
      destination(link, boundFile),
    ]),
    destination('climbing', mappedDirectory),
  ]);

  race('CFG-015 MNT-030 a mount is read-only, and a remount changes the mount of the entry before, whatever its path leads to by then', [
    exchangedWithAnother(),
    exchangedWithAnother('remount', 'ro', 'size=64k'),
    exchangedWithAnother('remount', 'ro'),
  ]);

  race('LNX-181 LNX-182 GHSA-3q8j-pf29-vwv8 each path is masked or read-only in what it led to', [protectedPaths]);

  race('MNT-058 a tmpfs begins with nothing of the host', [copiedUp, copiedUpDirectory]);

  race('LNX-031 CFG-028 CVE-2024-21626 devices and the working directory lie in the container', [device, workingDirectory]);
});
