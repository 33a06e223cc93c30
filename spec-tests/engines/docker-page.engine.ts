import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { consoleLines } from '../../scripts/documents.ts';
import { Docker } from './harness/docker.ts';
import { needing, runtime, snippet } from './harness/runtime.ts';
import { attempt, runDirectory, shell } from './harness/shell.ts';

const configuration = JSON.parse(snippet('docker.md', 'daemon.json'));

needing('docker', 'dockerd', 'containerd').describe('docs/docker.md', () => {
  let docker: Docker;
  beforeAll(async () => {
    docker = await Docker.start();
  });
  afterEach(() => docker.clear());
  afterAll(() => docker.stop());

  test.each(consoleLines(snippet('docker.md', 'console')))('$ $command', async ({ command, output }) => {
    const words = command.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
    expect(await docker.run(...words.slice(1))).toBe(output);
  });

  test('without default-runtime containers ask for runts, and those that exist keep the runtime they were made with', async () => {
    const { runtimes } = configuration;
    await docker.restart({ runtimes });
    expect(await docker.run('info', '-f', '{{.DefaultRuntime}}')).toBe('runc');
    const [, option = ''] = /`docker run (--runtime runts) …`/.exec(readFileSync('docs/docker.md', 'utf8')) ?? [];
    await docker.background('asked', ...option.split(' '));
    await docker.background('other');
    await docker.run('stop', 'asked', 'other');
    await docker.restart(configuration);
    await docker.background('new');
    for (const [name, made] of Object.entries({ asked: 'runts', other: 'runc', new: 'runts' })) {
      expect(await docker.inspect(name, '{{.HostConfig.Runtime}}'), name).toBe(made);
      await docker.run('start', name);
      expect(await docker.run('exec', name, 'echo', 'alive')).toBe('alive');
    }
  });

  test('BuildKit runs its steps with the runc of PATH, whatever the default runtime is', async ({ skip }) => {
    const [runc, log, directory] = ['bin/runc', 'calls', 'page-build'].map((name) => join(runDirectory, name)) as [string, string, string];
    mkdirSync(directory);
    writeFileSync(join(directory, 'Dockerfile'), 'FROM busybox\nRUN true\n');
    renameSync(runc, `${runc}.away`);
    writeFileSync(runc, `#!/bin/sh\necho "$*" >> ${log}\nexec ${runtime} "$@"\n`, { mode: 0o755 });
    try {
      const built = await docker.with({ env: { DOCKER_BUILDKIT: '1' } }, 'build', '-t', 'page-build', directory);
      if (built.stderr.includes('buildx component is missing')) skip('this client has no buildx');
      expect(built.status, built.stderr).toBe(0);
      expect(readFileSync(log, 'utf8')).toMatch(/\brun\b/);
    } finally {
      renameSync(`${runc}.away`, runc);
    }
  });

  test('options for the runtime in runtimeArgs', async () => {
    const { runtimeArgs } = JSON.parse(`{${/`("runtimeArgs": [^`]+)`/.exec(readFileSync('docs/docker.md', 'utf8'))?.[1]}}`);
    await docker.restart({ ...configuration, runtimes: { runts: { path: runtime, runtimeArgs } } });
    await docker.background('c1');
    const id = await docker.inspect('c1', '{{.Id}}');
    expect(readFileSync(join(bundles(), id, 'log.json'), 'utf8')).toContain('"level":"debug"');
    await docker.clear();
    await docker.restart(configuration);
  });

  test('the runtime tells what is wrong with a program that cannot be executed', async () => {
    const [, words = ''] = /`(exec \/app\.sh: [^`]+)`/.exec(readFileSync('docs/docker.md', 'utf8')) ?? [];
    const script = join(runDirectory, 'app.sh');
    writeFileSync(script, '#!/bin/bash\necho hello\n', { mode: 0o755 });
    const { stderr } = await docker.attempt('run', '--rm', '-v', `${script}:/app.sh`, 'busybox', '/app.sh');
    expect(stderr).toContain(words);
  });

  test('plan and validate read the bundle of a running container, where the page says', async () => {
    await docker.background('c1');
    const bundle = join(bundles(), await docker.inspect('c1', '{{.Id}}'));
    expect(await shell([runtime, 'plan', bundle])).toMatch(/mount/);
    const { status, stdout } = await attempt([runtime, 'validate', bundle]);
    expect(status, stdout).toBe(0);
  });

  test('runts features tells dockerd of recursive read-only mounts', async () => {
    expect(JSON.parse(await shell([runtime, 'features'])).mountOptions).toContain('rro');
  });
});

/** Where the page says that the bundles lie. */
const bundles = (): string => /`(\/run\/containerd\/\S+\/moby\/)`/.exec(readFileSync('docs/docker.md', 'utf8'))?.[1] ?? '';
