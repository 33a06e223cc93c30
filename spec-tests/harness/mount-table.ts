import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';
import type { Mount } from './config.ts';

interface Line {
  readonly point: string;
  readonly options: readonly string[];
  readonly tags: readonly string[];
  readonly source: string;
}

/** Lines of mountinfo (proc_pid_mountinfo(5)). */
export function mountLines(text: string): Line[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [front = '', back = ''] = line.split(' - ');
      const [, , , , point = '', options = '', ...tags] = front.split(' ');
      return { point, options: options.split(','), tags, source: back.split(' ')[1] ?? '' };
    });
}

export const lineAt = (lines: readonly Line[], point: string): Line | undefined => lines.filter((line) => line.point === point).at(-1);
export const mountinfo = ['cat', '/proc/self/mountinfo'];

/** What `command` prints in a container with these mounts; `prepare` first mounts things in a mount namespace of the runtime's own. */
export async function outputWith(box: Box, mounts: Mount[], prepare: string, command = mountinfo): Promise<string> {
  const bundle = box.bundle((config) => {
    config.mounts.push(...mounts);
    config.process.args = command;
  });
  const script = `${prepare} && exec "$@"`;
  const result = await box.run(bundle, { through: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'] });
  return result.ok().stdout;
}

export function tree(box: Box, name: string): string {
  const path = join(box.directory, name);
  mkdirSync(join(path, 'below'), { recursive: true });
  return path;
}
