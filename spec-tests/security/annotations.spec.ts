import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { patience } from '../harness/suite.ts';

/** What some runtime or engine does something for. */
const foreign = (made: string): Readonly<Record<string, string>> => ({
  bundle: '/',
  'io.katacontainers.config.hypervisor.path': made,
  'io.kubernetes.cri-o.userns-mode': 'host',
  'io.kubernetes.cri.container-type': 'sandbox',
  'module.wasm.image/variant': 'compat-smart',
  'org.criu.config': made,
  // Without the systemd driver nobody reads it.
  'org.systemd.property.SuccessAction': "'reboot'",
  'run.oci.delegate-cgroup': 'below',
  'run.oci.handler': 'wasm',
  'run.oci.hooks.stderr': made,
  'run.oci.hooks.stdout': made,
  'run.oci.keep_original_groups': '1',
  'run.oci.mount_context_type': 'rootcontext',
  'run.oci.pidfd_receiver': made,
  'run.oci.seccomp.plugins': made,
  'run.oci.seccomp.receiver': made,
  'run.oci.seccomp_bpf_data': 'AAAA',
  'run.oci.seccomp_fail_unknown_syscall': '1',
  'run.oci.systemd.force_cgroup_v1': '/sys/fs/cgroup',
  'run.oci.systemd.subgroup': 'below',
});

const look =
  'id -G; cat /proc/self/cgroup | sed "s/[^/]*$//"; grep -E "^(Cap|NoNewPrivs|Seccomp|Groups)" /proc/self/status; pwd; ls /; cat /proc/self/mounts';

/** A service of the host that leaves a file behind when it is started. */
async function canaryService(box: Box): Promise<{ readonly name: string; readonly file: string; readonly remove: () => void }> {
  const name = `${box.suite.tag}-canary.service`;
  const file = join(box.directory, 'started');
  const unit = join('/run/systemd/system', name);
  writeFileSync(unit, `[Service]\nType=oneshot\nExecStart=/bin/touch ${file}\n`);
  (await box.host(['systemctl', 'daemon-reload'])).ok();
  return { name, file, remove: () => rmSync(unit) };
}

const systemd = '/run/systemd/system';

describe('annotations', () => {
  clause(
    'SEC-005 what other runtimes do something for changes nothing of a container, and makes no file',
    async (box) => {
      const said: string[] = [];
      for (const annotations of [{}, foreign(join(box.directory, 'made'))]) {
        const bundle = box.bundle((config) => {
          config.annotations = annotations;
          config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'echo of the hook'] }] };
          config.process.args = ['sh', '-c', look];
        });
        said.push((await box.run(bundle, { through: [box.suite.probe, 'launch', 'groups=77', '--'] })).ok().stdout);
      }
      expect(said[1]).toBe(said[0]);
      expect(readdirSync(box.directory)).not.toContain('made');
    },
    'runts',
    'probe',
  );

  clause(
    'SEC-005 CVE-2024-3154 validate names the annotation that would concern more than the container, and the flag',
    async (box) => {
      const key = 'org.systemd.property.Wants';
      const bundle = box.bundle((config) => {
        config.annotations = { [key]: "['debug-shell.service']", 'org.systemd.property.CollectMode': "'inactive-or-failed'" };
      });
      const result = await box.runtime(['validate', '--format', 'json', bundle.directory]);
      expect(result.status).toBe(1);
      const findings = result.json<{ severity: string }[]>();
      expect(findings.filter(({ severity }) => severity === 'error')).toMatchObject([
        { code: 'INVALID_ANNOTATION', pointer: `/annotations/${key}`, hint: `runts --allow-annotation ${key} allows it` },
      ]);
    },
    'runts',
  );

  // Not confined, as systemd takes the number of a process for one of its own pid namespace; all it does is to make a file of the test.
  clause(
    'CVE-2024-3154 no property of the scope starts a service of the host',
    async (box) => {
      const { name, file, remove } = await canaryService(box);
      try {
        for (const property of ['Wants', 'Requires', 'OnSuccess']) {
          const bundle = box.bundle((config, { id }) => {
            config.linux.cgroupsPath = `:spec:${id}`;
            config.annotations = { [`org.systemd.property.${property}`]: `['${name}']` };
            config.process.args = ['true'];
          });
          const { status } = await box.run(bundle, { global: ['--systemd-cgroup'] });
          if (status === 0) await until('started', () => existsSync(file), patience / 4).catch(() => undefined);
          expect({ property, started: existsSync(file) }).toEqual({ property, started: false });
        }
      } finally {
        remove();
      }
    },
    systemd,
  );

  clause(
    'SEC-005 CLI-118 --allow-annotation has one set such a property, and no other',
    async (box) => {
      const { name, file, remove } = await canaryService(box);
      try {
        const run = (...allowed: string[]) =>
          box.run(
            box.bundle((config, { id }) => {
              config.linux.cgroupsPath = `:spec:${id}`;
              config.annotations = { 'org.systemd.property.Wants': `['${name}']` };
              config.process.args = ['true'];
            }),
            { global: ['--systemd-cgroup', ...allowed.flatMap((key) => ['--allow-annotation', key])] },
          );
        const other = await run('org.systemd.property.Requires', 'org.systemd.property.');
        expect(other.status).toBe(1);
        expect(other.stderr).toContain('org.systemd.property.Wants');
        expect(existsSync(file)).toBe(false);
        (await run('org.systemd.property.Wants')).ok();
        await until('the service has started', () => existsSync(file));
      } finally {
        remove();
      }
    },
    systemd,
    'runts',
  );
});
