import { hookKinds } from '../spec/hook-kinds.ts';
import { mountOptionNames } from '../spec/mounts/options.ts';
import { knownActions } from '../spec/seccomp/actions.ts';
import { knownArchitectures } from '../spec/seccomp/architectures.ts';
import { knownOperators } from '../spec/seccomp/conditions.ts';
import { knownFlags } from '../spec/seccomp/flags.ts';
import { propertyPrefix } from '../spec/unit-properties.ts';
import { commit, specVersion, specVersionMin, version } from '../version.ts';
import { configAnnotation } from './criu/config-file.ts';
import { namespaceTypes } from './namespaces/types.ts';
import { capabilityNames } from './process/capabilities.ts';

function linux() {
  return {
    namespaces: namespaceTypes.map(({ type }) => type).sort(),
    capabilities: [...capabilityNames],
    cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
    seccomp: {
      enabled: true,
      actions: [...knownActions].sort(),
      operators: [...knownOperators].sort(),
      archs: [...knownArchitectures].sort(),
      knownFlags: [...knownFlags].sort(),
      supportedFlags: [...knownFlags].sort(),
    },
    apparmor: { enabled: true },
    selinux: { enabled: true },
    memoryPolicy: {
      modes: [
        'MPOL_BIND',
        'MPOL_DEFAULT',
        'MPOL_INTERLEAVE',
        'MPOL_LOCAL',
        'MPOL_PREFERRED',
        'MPOL_PREFERRED_MANY',
        'MPOL_WEIGHTED_INTERLEAVE',
      ],
      flags: ['MPOL_F_NUMA_BALANCING', 'MPOL_F_RELATIVE_NODES', 'MPOL_F_STATIC_NODES'],
    },
    intelRdt: { enabled: true, schemata: true, monitoring: true },
    mountExtensions: { idmap: { enabled: true } },
    netDevices: { enabled: true },
  };
}

/**
 * What is built in (features.md, features-linux.md): it never looks at the host, so that it is the same everywhere. Lists come from the tables
 * that the planner works with.
 */
export function features() {
  return {
    ociVersionMin: specVersionMin,
    ociVersionMax: specVersion,
    hooks: [...hookKinds],
    mountOptions: [...mountOptionNames].sort(),
    linux: linux(),
    annotations: {
      'io.runts.version': version,
      'io.runts.commit': commit,
      'org.opencontainers.runc.checkpoint.enabled': 'true',
    },
    potentiallyUnsafeConfigAnnotations: [configAnnotation, propertyPrefix],
  };
}

/** The features document of the specification (features.md). */
export type Features = ReturnType<typeof features>;
