import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import { attack } from '../harness/confinement.ts';
import type { Container } from '../harness/container.ts';
import type { Self } from '../harness/probe.ts';

/** What exec with these options finds itself to be; undefined when it is refused. */
async function executed(container: Container, ...options: string[]): Promise<Self | undefined> {
  const result = await container.exec(['probe', 'self'], options);
  return result.status === 0 ? result.json<Self>() : undefined;
}

/** Who the program of a container is that has this `process.user`; undefined when it is refused. */
async function created(box: Box, user: Record<string, unknown>): Promise<Self | undefined> {
  const bundle = box.bundle((config) => {
    config.process.args = ['probe', 'self'];
    Object.assign(config.process.user, user);
  });
  const result = await box.run(bundle);
  return result.status === 0 ? result.json<Self>() : undefined;
}

describe('who the program is', () => {
  attack('CVE-2016-3697 a number is an id, also where /etc/passwd has it for a name', async (box) => {
    const bundle = box.bundle((_, made) => {
      made.put('/etc/passwd', '1000:x:0:0:root:/root:/bin/sh\nroot:x:0:0:root:/root:/bin/sh\n');
      made.put('/etc/group', '1000:x:0:\n');
    });
    const container = await box.started(bundle);
    expect(await executed(container, '--user', '1000:1000')).toMatchObject({ uids: [1000, 1000, 1000], gids: [1000, 1000, 1000] });
    expect(await executed(container, '--user', '1000')).toMatchObject({ uids: [1000, 1000, 1000] });
  });

  attack('CVE-2026-30892 exec --user is that user or is refused, never root', async (box) => {
    const container = await box.started(box.bundle());
    const roots: string[] = [];
    for (const text of [' 1', '1:', '-1', '4294967295', '4294967296', '1e3', '0x10', '٣', '1,2'])
      if ((await executed(container, '--user', text))?.uids.includes(0)) roots.push(text);
    expect(roots).toEqual([]);
    expect((await executed(container, '--user', '1'))?.uids).toEqual([1, 1, 1]);
    expect(await executed(container, '--user', '1:2')).toMatchObject({ uids: [1, 1, 1], gids: [2, 2, 2] });
  });

  attack('CVE-2024-40635 CVE-2026-46680 an id that is too large is refused, and does not become 0', async (box) => {
    const roots: string[] = [];
    for (const id of [4294967295, 4294967296, -1]) {
      if ((await created(box, { uid: id }))?.uids.includes(0)) roots.push(`uid ${id}`);
      if ((await created(box, { uid: 1000, gid: id }))?.gids.includes(0)) roots.push(`gid ${id}`);
    }
    expect(roots).toEqual([]);
  });

  attack('CVE-2023-25173 the groups are the one of the user and those that were asked for, not those of the caller', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.user = { uid: 1000, gid: 1000, additionalGids: [5] };
      config.process.args = ['sh', '-c', 'id -G; sleep 1000'];
    });
    const through = [box.suite.probe, 'launch', 'groups=77', '--'];
    const container = await box.create(bundle, { through });
    await container.start();
    expect(await container.prints(/^.*\n/)).toBe('1000 5\n');
    const result = await container.exec(['id', '-G'], ['--user', '1000:1000'], { through });
    expect(result.ok().stdout).not.toContain('77');
  });
});

describe('what the program may do', () => {
  const kill = ['CAP_KILL'];

  attack('CVE-2016-8867 a user has no ambient capabilities, nor effective ones, unless they were asked for', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.user = { uid: 1000, gid: 1000 };
      config.process.capabilities = { bounding: kill, permitted: kill, effective: kill, inheritable: kill };
      config.process.args = ['probe', 'self'];
    });
    const { capabilities } = (await box.run(bundle)).ok().json<Self>();
    expect(capabilities).toMatchObject({ ambient: '0', effective: '0', permitted: '0' });
  });

  attack('CVE-2022-29162 CVE-2022-27650 CVE-2025-27612 exec --cap gives no inheritable capability', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.capabilities = { bounding: kill, permitted: kill, effective: kill };
      }),
    );
    const all = await executed(container, '--cap', 'CAP_KILL');
    expect(all?.capabilities.inheritable).toBe('0');
    const user = await executed(container, '--cap', 'CAP_KILL', '--user', '1000:1000');
    expect(user?.capabilities.inheritable ?? '0').toBe('0');
  });

  attack('CVE-2022-29162 CVE-2022-24769 the default configuration asks for no inheritable capability', async (box) => {
    const bundle = box.bundle();
    const result = await box.runtime(['spec'], { cwd: bundle.rootfs });
    result.ok();
    const { process } = JSON.parse((await box.host(['cat', 'config.json'], { cwd: bundle.rootfs })).stdout) as {
      process: { capabilities: Record<string, string[]> };
    };
    expect(process.capabilities['inheritable'] ?? []).toEqual([]);
  });
});
