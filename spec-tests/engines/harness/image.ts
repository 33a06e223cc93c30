import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxRootfs } from './runtime.ts';
import { runDirectory, shell } from './shell.ts';

/**
 * The image of busybox as `docker save` writes it, under several names.
 * @returns the path of the archive
 */
export async function busyboxArchive(names: readonly string[], config: object): Promise<string> {
  const directory = join(runDirectory, 'archive');
  mkdirSync(directory, { recursive: true });
  const layer = readFileSync(busyboxRootfs().tar);
  const diff = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  writeFileSync(join(directory, 'layer.tar'), layer);
  writeFileSync(
    join(directory, 'config.json'),
    JSON.stringify({ architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [diff] } }),
  );
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: names, Layers: ['layer.tar'] }]));
  await shell(['tar', '-C', directory, '-cf', `${directory}.tar`, 'manifest.json', 'config.json', 'layer.tar']);
  return `${directory}.tar`;
}
