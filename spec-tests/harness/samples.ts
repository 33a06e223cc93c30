import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forEachSyscall } from '../../src/plan/syscalls.ts';
import type { Bundle } from './bundle.ts';

const folder = new URL('../../../shared/engines/samples/', import.meta.url).pathname;

/** Names of the config.json files that real engines wrote; empty where the recordings are missing. */
export function sampleNames(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith('.json') && 'ociVersion' in readSample(name));
}

// biome-ignore lint/suspicious/noExplicitAny: any JSON
type Json = any;

/** A recording without the marks that stand for cut lists. */
export function readSample(name: string): Json {
  return withoutCuts(JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

function withoutCuts(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => item === null || typeof item !== 'object' || !('…' in item)).map(withoutCuts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutCuts(member)]));
}

/**
 * Puts a recorded configuration into a bundle with the resources of this host in place of the engine's: the bundle's rootfs, files for
 * bind sources that only the engine had, new namespaces for joined ones, limits this host can give. Everything else stays as recorded.
 */
export function adopt(sample: Json, bundle: Bundle, program: readonly string[]): void {
  const marks = bundle.config.process.env;
  sample.root.path = 'rootfs';
  sample.process.args = [...program];
  sample.process.terminal = false;
  sample.process.env = [...sample.process.env, ...marks];
  sample.hooks = undefined;
  sample.linux.cgroupsPath = `/${bundle.id}`;
  for (const namespace of sample.linux.namespaces) delete namespace.path;
  for (const [index, mount] of (sample.mounts ?? []).entries()) standIn(mount, join(bundle.directory, `source-${index}`));
  for (const limit of sample.process.rlimits ?? []) limitToHost(limit);
  const root = sample.linux.uidMappings?.find((mapping: Json) => mapping.containerID === 0)?.hostID;
  // As engines do; only directories, because the programs are hard links that other tests share.
  if (root !== undefined) execFileSync('find', [bundle.rootfs, '-type', 'd', '-exec', 'chown', `${root}:${root}`, '{}', '+']);
  completeFilter(sample.linux.seccomp);
  if ((sample.process.oomScoreAdj ?? 0) < 0) sample.process.oomScoreAdj = 0;
  Object.assign(bundle.config, sample);
}

/** The recordings cut the long list of allowed calls: every call that no other rule names takes the place of the rest. */
function completeFilter(seccomp: Json): void {
  const rules: Json[] = seccomp?.syscalls ?? [];
  const allowed = rules.find((rule) => rule.action === 'SCMP_ACT_ALLOW' && !rule.args?.length);
  if (seccomp?.defaultAction === 'SCMP_ACT_ALLOW' || allowed === undefined) return;
  const named = new Set(rules.flatMap((rule) => rule.names));
  forEachSyscall('x86_64', (name) => {
    if (!named.has(name)) allowed.names.push(name);
  });
}

/** A bind source the host does not have: engines bind files only on names with a dot, and the three well-known ones. */
function standIn(mount: Json, path: string): void {
  const bind = (mount.options ?? []).some((option: string) => /^r?bind$/.test(option));
  if (!bind || existsSync(mount.source)) return;
  const isFile = /\/(hostname|hosts|resolv\.conf|\.containerenv|termination-log)$|\.[a-z]+$/.test(mount.destination);
  if (isFile) writeFileSync(path, '');
  else mkdirSync(path);
  mount.source = path;
}

function limitToHost(limit: Json): void {
  const name = { RLIMIT_NOFILE: 'Max open files', RLIMIT_NPROC: 'Max processes' }[limit.type as string];
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((entry) => name !== undefined && entry.startsWith(name));
  const most = Number(line?.trim().split(/\s{2,}/)[2] ?? Number.POSITIVE_INFINITY);
  limit.hard = Math.min(limit.hard, most);
  limit.soft = Math.min(limit.soft, most);
}
