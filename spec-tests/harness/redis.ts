import { join } from 'node:path';
import { fetchRedis, redisWords } from '../../scripts/redis.js';
import type { Config } from './config.ts';
import { fetchedIfPossible } from './fetched.ts';
import { projectRoot } from './suite.ts';

let found: { readonly path: string | undefined } | undefined;

/** Directory of redis with its libraries; undefined where it cannot be had. */
export function redisFolder(): string | undefined {
  found ??= { path: fetchedIfPossible('redis', fetchRedis) };
  return found.path;
}

const port = 6379;

/** Makes the program of a container a server that keeps its data in memory alone. */
export function serveRedis(config: Config): void {
  config.mounts.push({ destination: '/redis', source: redisFolder() ?? '', options: ['bind', 'ro'] });
  config.process.args = [...redisWords('/redis'), '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', '/tmp'];
}

/** A client in the network namespace of a process. */
export const client = (pid: number, what: 'write' | 'read'): string[] => [
  ...['nsenter', `--net=/proc/${pid}/ns/net`],
  ...['/usr/bin/python3', join(projectRoot, 'spec-tests/harness/redis_load.py'), what, String(port)],
];
