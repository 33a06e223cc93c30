import type { Finding } from './findings.ts';
import { validateSpec } from './validate.ts';

export type Json = Record<string, unknown>;

const namespaces = ['pid', 'mount', 'ipc', 'uts', 'network'].map((type) => ({ type }));
export const linux = (members: Json): Json => ({ linux: { namespaces, ...members } });
export const proc = (members: Json): Json => ({ process: { args: ['sh'], cwd: '/', ...members } });
export const resources = (members: Json): Json => linux({ resources: members });
export const seccomp = (members: Json): Json => linux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW', ...members } });
export const base = { ociVersion: '1.3.0', root: { path: 'rootfs' } };

export const brief = (findings: readonly Finding[]): string[] => findings.map(({ code, pointer }) => `${code} ${pointer}`);
export const problems = (members: Json): string[] => brief(validateSpec({ ...base, ...members }).problems);
export const warnings = (members: Json): string[] => brief(validateSpec({ ...base, ...members }).warnings);
