import type { Hook, HookKind } from '../../harness/config.ts';
import { type Feature, shell } from '../feature.ts';

const kinds: readonly HookKind[] = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];

const hook = (script: string, more: Partial<Hook> = {}): Hook => ({ path: '/bin/sh', args: ['sh', '-c', script], ...more });

export const hooks: readonly Feature[] = [
  {
    title: 'CFG-081 to CFG-086 each of the six kinds runs at its moment',
    change: shell('echo program >>/data/log', (config) => {
      config.mounts.push({ destination: '/data', source: '/srv/logs', options: ['bind'] });
      config.mounts.push({ destination: '/srv/logs', source: '/srv/logs', options: ['bind'] });
      config.hooks = Object.fromEntries(kinds.map((kind) => [kind, [hook(`echo ${kind} >>/srv/logs/log`)]]));
    }),
    script: `mkdir -p /srv/logs /srv/rootfs/srv/logs; : >/srv/logs/log
runts create $id; cat /srv/logs/log; runts start $id; await is stopped; runts delete $id; tail -n +4 /srv/logs/log | grep -v -e program -e poststart
grep -c -e program -e poststart /srv/logs/log; rm -rf /srv/logs /srv/rootfs/srv`,
    prints: 'prestart\ncreateRuntime\ncreateContainer\nstartContainer\npoststop\n2',
  },
  {
    title: 'CFG-080 a hook is told the state',
    change: (config) => {
      config.hooks = { createRuntime: [hook('cat >/srv/state')] };
    },
    script: `runts create $id; grep -o '"status": *"creating"' /srv/state | tr -d ' '; grep -c "\\"id\\": *\\"$id\\"" /srv/state; runts delete --force $id; rm /srv/state`,
    prints: '"status":"creating"\n1',
  },
  {
    title: 'RT-022 RT-025 a hook that fails ends creation, in the runtime and in the container',
    change: (config) => {
      config.hooks = { createRuntime: [hook('echo because >&2; exit 3')] };
    },
    script: `runts create $id; echo $?; sed -i s/createRuntime/startContainer/ config.json; run; echo $?`,
    prints: /exit status 3[\s\S]*because[\s\S]*\n1\n[\s\S]*exit status 3[\s\S]*because[\s\S]*\n1$/,
  },
  {
    title: 'CFG-078 a hook that takes too long is ended',
    change: (config) => {
      config.hooks = { createContainer: [hook('sleep 50', { timeout: 1 })] };
    },
    script: 'run; echo $?',
    prints: /ran past specified timeout of 1\.0s[\s\S]*\n1$/,
  },
];
