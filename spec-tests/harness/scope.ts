import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';
import type { Config } from './config.ts';
import type { Container } from './container.ts';

export const systemd = '/run/systemd/system';
export const megabyte = 1 << 20;
export const global = ['--systemd-cgroup'];

/** A container in system.slice, and the name of its scope. */
export async function scoped(
  box: Box,
  change: (config: Config) => void = () => {},
): Promise<{ container: Container; unit: string; directory: string }> {
  let unit = '';
  const bundle = box.bundle((config, { id }) => {
    config.linux.cgroupsPath = `system.slice:spec:${id}`;
    unit = `spec-${id}.scope`;
    change(config);
  });
  const container = await box.started(bundle, { global });
  return { container, unit, directory: join('/sys/fs/cgroup', 'system.slice', unit) };
}

export async function show(box: Box, unit: string, ...properties: string[]): Promise<string[]> {
  const result = (await box.host(['systemctl', 'show', unit, '--value', ...properties.flatMap((name) => ['-p', name])])).ok();
  return result.stdout.trim().split('\n').filter(Boolean);
}

export const control = (directory: string, file: string): string => readFileSync(join(directory, file), 'utf8').trim();
