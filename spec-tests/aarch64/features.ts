import { join } from 'node:path';
import { projectRoot } from '../harness/suite.ts';
import type { Feature } from './feature.ts';
import { containers } from './features/containers.ts';
import { hooks } from './features/hooks.ts';
import { limits } from './features/limits.ts';
import { mounts } from './features/mounts.ts';
import { processes } from './features/processes.ts';
import { seccomp } from './features/seccomp.ts';
import { terminals } from './features/terminals.ts';

export const features: readonly Feature[] = [...containers, ...processes, ...mounts, ...limits, ...hooks, ...terminals, ...seccomp];

export const folder = join(projectRoot, 'build/aarch64/features');

/** Where a feature's bundle is, and what became of it. */
export const folderOf = (index: number): string => join(folder, String(index));
