import { existsSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { set } from './harness/config.ts';
import type { Need } from './harness/needs.ts';

// runc knows memoryPolicy since 1.4; crun 1.8.1 does not.
const clause = (title: string, body: (box: Box) => Promise<void>, ...needs: Need[]): void =>
  anyRuntime(title, body, 'runts', '/proc/self/numa_maps', '/sys/devices/system/node/node0', ...needs);

/** Policies of all mappings of the program, as numa_maps(5) shows them. */
async function policies(box: Box, policy: unknown): Promise<string[]> {
  const text = await box.output(['cat', '/proc/self/numa_maps'], (config) => set(config, '/linux/memoryPolicy', policy));
  return [
    ...new Set(
      text
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[1] ?? ''),
    ),
  ];
}

const secondNode = existsSync('/sys/devices/system/node/node1');

describe('memory policy', () => {
  for (const [mode, shown] of [
    ['MPOL_BIND', 'bind:0'],
    ['MPOL_PREFERRED', 'prefer:0'],
    ['MPOL_INTERLEAVE', 'interleave:0'],
    ['MPOL_PREFERRED_MANY', 'prefer (many):0'],
  ] as const) {
    clause(
      `LNX-142 LNX-143 ${mode} on node 0`,
      async (box) => {
        expect(await policies(box, { mode, nodes: '0' })).toEqual([shown.split(' ')[0]]);
      },
      ...(mode === 'MPOL_PREFERRED_MANY' ? (['Linux 5.15'] as const) : []),
    );
  }

  for (const [mode, since] of [
    ['MPOL_PREFERRED_MANY', '5.15'],
    ['MPOL_WEIGHTED_INTERLEAVE', '6.9'],
  ] as const) {
    clause(
      `LNX-142 CFG-096 ${mode} is refused with the release that it takes`,
      async (box) => {
        const result = await box.tryCreate(box.bundle((config) => set(config, '/linux/memoryPolicy', { mode, nodes: '0' })));
        expect(result.status).toBe(1);
        expect(result.stderr).toContain(`${mode} needs Linux ${since} or later`);
        expect(box.leftovers()).toEqual([]);
      },
      `Linux before ${since}`,
    );
  }

  clause('LNX-142 LNX-143 MPOL_LOCAL and MPOL_DEFAULT take no nodes', async (box) => {
    expect(await policies(box, { mode: 'MPOL_LOCAL' })).toEqual(['local']);
    expect(await policies(box, { mode: 'MPOL_DEFAULT' })).toEqual(['default']);
  });

  clause('LNX-144 flags go with the mode', async (box) => {
    const [policy] = await policies(box, { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] });
    expect(policy).toBe('bind=static:0');
  });

  for (const [what, policy] of Object.entries({
    'an unknown mode': { mode: 'MPOL_NOSUCH' },
    'an absent mode': { nodes: '0' },
    'an unknown flag': { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_X'] },
    'two flags that exclude each other': { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'] },
    'a malformed node list': { mode: 'MPOL_BIND', nodes: '0,x' },
    'a node list without end': { mode: 'MPOL_BIND', nodes: '0-9876543210' },
    'a node list for MPOL_LOCAL': { mode: 'MPOL_LOCAL', nodes: '0' },
    'no node list for MPOL_BIND': { mode: 'MPOL_BIND' },
    ...(secondNode ? {} : { 'a node that is not there': { mode: 'MPOL_BIND', nodes: '1' } }),
  })) {
    clause(`LNX-142 LNX-143 LNX-144 ${what} is refused`, async (box) => {
      const result = await box.tryCreate(box.bundle((config) => set(config, '/linux/memoryPolicy', policy)));
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/memory.?policy/i);
      expect(box.leftovers()).toEqual([]);
    });
  }
});
