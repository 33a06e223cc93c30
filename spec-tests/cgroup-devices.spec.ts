import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { addCapabilities, type Resources } from './harness/config.ts';

type Rules = NonNullable<Resources['devices']>;

/** Runs a shell script in a container with these device rules and a node that is not among the default ones: fuse, 10:229. */
async function script(box: Box, rules: Rules, text: string): Promise<string> {
  return box.output(['sh', '-c', text], (config) => {
    addCapabilities(config, 'CAP_MKNOD');
    config.linux.resources = { devices: rules };
    config.linux.devices = [{ type: 'c', path: '/dev/node', major: 10, minor: 229, fileMode: 0o666 }];
  });
}

const open = 'head -c 0 /dev/node 2>&1 && echo opened || echo refused';

describe('device rules', () => {
  clause('LNX-075 a device that is not allowed cannot be opened', async (box) => {
    expect(await script(box, [{ allow: false, access: 'rwm' }], open)).toMatch(/Operation not permitted[\s\S]*refused/);
  });

  clause('LNX-075 a later rule wins', async (box) => {
    const allowed: Rules = [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
    ];
    expect(await script(box, allowed, open)).toBe('opened\n');
    expect(await script(box, [...allowed, { allow: false, type: 'c', major: 10, minor: 229, access: 'rw' }], open)).toMatch(/refused/);
  });

  clause('LNX-079 read without write', async (box) => {
    const rules: Rules = [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 10, minor: 229, access: 'r' },
    ];
    expect(await script(box, rules, `${open}; (: > /dev/node) 2>&1 || echo no writing`)).toMatch(/^opened\n[\s\S]*no writing\n$/);
  });

  clause('LNX-078 a minor left out means any', async (box) => {
    const rules: Rules = [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 10, access: 'r' },
    ];
    expect(await script(box, rules, open)).toBe('opened\n');
  });

  clause('ENG-016 default devices work although everything is denied', async (box) => {
    const text = await script(
      box,
      [{ allow: false, access: 'rwm' }],
      'echo x > /dev/null && head -c 2 /dev/zero | wc -c && head -c 2 /dev/urandom | wc -c; echo y > /dev/full || echo full',
    );
    expect(text).toBe('2\n2\nfull\n');
  });

  clause('LNX-077 an unknown type is refused', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.linux.resources = { devices: [{ allow: true, type: 'x', major: 1, minor: 3, access: 'rwm' }] };
      }),
    );
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-080 exec obeys the rules', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.linux.resources = { devices: [{ allow: false, access: 'rwm' }] };
        config.linux.devices = [{ type: 'c', path: '/dev/node', major: 10, minor: 229, fileMode: 0o666 }];
      }),
    );
    expect((await container.exec(['sh', '-c', open])).stdout).toMatch(/refused/);
  });
});

// Docker and Podman write neither; runc reads them so, whatever the version of cgroups.
describe('rules that can be read in two ways', () => {
  const narrow = { type: 'a', major: 10, minor: 229 } as const;

  clause('LNX-077 a rule of type "a" that allows is for every device, also with numbers and a part of the access', async (box) => {
    for (const rule of [
      { ...narrow, minor: 1, access: 'rwm' },
      { type: 'a', access: 'r' },
    ]) {
      const rules: Rules = [
        { allow: false, access: 'rwm' },
        { allow: true, ...rule },
      ];
      expect(await script(box, rules, `${open}; (: > /dev/node) 2>&1 | grep -c permitted || true`)).toBe('opened\n0\n');
    }
  });

  clause('LNX-077 a rule of type "a" that denies is for every device and forgets what was before', async (box) => {
    const fuse = { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' };
    for (const rule of [
      { ...narrow, minor: 1, access: 'rwm' },
      { type: 'a', access: 'w' },
    ]) {
      expect(await script(box, [fuse, { allow: false, ...rule }], open)).toMatch(/refused/);
      expect(await script(box, [{ allow: false, ...rule }, fuse], open)).toBe('opened\n');
    }
  });

  clause('LNX-075 without a rule for everything all else is denied', async (box) => {
    const rules: Rules = [{ allow: true, type: 'c', major: 10, minor: 200, access: 'rwm' }];
    expect(await script(box, rules, open)).toMatch(/refused/);
    expect(await script(box, rules, ': > /dev/null && echo written')).toBe('written\n');
  });

  clause('LNX-065 ENG-016 a container without rules may use the default devices alone', async (box) => {
    const text = `${open}; head -c 2 /dev/zero | wc -c; mknod /tmp/again c 10 229 && echo made`;
    expect(await script(box, [], text)).toMatch(/refused\n2\nmade\n$/);
  });

  clause('LNX-075 where everything is allowed a denied device cannot be made either', async (box) => {
    const rules: Rules = [
      { allow: true, access: 'rwm' },
      { allow: false, type: 'c', major: 10, minor: 237, access: 'rwm' },
    ];
    expect(await script(box, rules, `${open}; mknod /tmp/loops c 10 237 2> /tmp/why || echo not made`)).toBe('opened\nnot made\n');
  });
});
