import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { CallOptions } from './harness/runtime-call.ts';

type Step = readonly [string, ...(string | number)[]];

/** On a terminal of 30 rows and 100 columns, with steps of harness/terminal.py; the shell says whether its modes come back. */
function atTerminal(...steps: Step[]): CallOptions {
  const script = 'before=$(stty -g); "$@"; status=$?; [ "$before" = "$(stty -g)" ] && echo "modes restored"; exit $status';
  const terminal = join(import.meta.dirname, 'harness/terminal.py');
  return { through: ['/usr/bin/python3', terminal, '30x100', JSON.stringify(steps), 'sh', '-c', script, 'sh'] };
}

/** A bundle whose program has a terminal and runs a script. */
const scripted = (box: Box, script: string) =>
  box.bundle((config) => {
    config.process.terminal = true;
    config.process.args = ['sh', '-c', script];
  });

/** How often a process has given the processor away, while it sleeps; the same again later means that it slept all the time. */
function sleeping(pid: number): string | undefined {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return /^State:\tS/m.test(status) ? status.match(/^\w+_ctxt_switches:.*$/gm)?.join() : undefined;
}

const parentOf = (pid: number): number => Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

describe('a terminal in the foreground', () => {
  clause('CLI-119 no output is lost at the end, however much there is', async (box) => {
    const result = await box.run(scripted(box, 'seq 1 30000; printf last'), atTerminal());
    expect(result.status).toBe(0);
    const numbers = result.stdout.split(/\r?\n/).filter((line) => /^\d+$/.test(line));
    expect(numbers).toHaveLength(30_000);
    expect(result.stdout).toMatch(/last\s*modes restored/);
  });

  clause('CLI-119 a reader that stops stops the program, without loss, and nobody spins', async (box) => {
    const bundle = scripted(
      box,
      'line=$(printf "%0100d" 0); i=0; echo start; while [ $i -lt 3000 ]; do i=$((i+1)); echo "$i $line"; echo $i > /data/progress; done',
    );
    const goOn = join(box.directory, 'go-on');
    const running = box.launch(['run', '--bundle', bundle.directory, bundle.id], atTerminal(['expect', 'start'], ['await', goOn]));
    const file = join(bundle.rootfs, 'data/progress');
    const progress = (): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
    await until('it writes', () => progress() > 0);
    const state = async () => (await box.runtime(['state', bundle.id])).ok().json<{ pid: number }>();
    const { pid } = await state();
    const both = (): (string | undefined)[] => [pid, parentOf(pid)].map(sleeping);
    await until('program and runtime sleep', async () => {
      const before = both();
      await state();
      return before.every((switches, index) => switches !== undefined && switches === both()[index]);
    });
    expect(progress()).toBeLessThan(3000);
    writeFileSync(goOn, '');
    const result = await running.exited;
    expect(result.stdout.split('\n').filter((line) => /^\d+ 0{100}\r?$/.test(line))).toHaveLength(3000);
  });

  clause('CLI-119 what is typed all at once arrives whole', async (box) => {
    const text = Array.from({ length: 200 }, (_, index) => `line ${index}\n`).join('');
    const bundle = scripted(
      box,
      'stty -echo; echo ready; n=0; while read word number; do n=$((n+number)); [ $number = 199 ] && break; done; echo "sum $n"',
    );
    const result = await box.run(bundle, atTerminal(['expect', 'ready'], ['type', text], ['expect', 'sum 19900']));
    expect(result.status, result.stdout).toBe(0);
  });

  clause('CLI-119 the terminal gets its modes back on every way out', async (box) => {
    const ways: readonly (readonly [string, number, Step[]])[] = [
      ['exit 7', 7, []],
      ['kill -KILL $$; echo "pid 1 survives itself"; exit 8', 8, []],
      [
        'echo ready; read line; kill -9 -1; exit 9',
        9,
        [
          ['expect', 'ready'],
          ['type', 'go\n'],
        ],
      ],
      [
        'trap "exit 10" INT; echo ready; while :; do sleep 0.1; done',
        10,
        [
          ['expect', 'ready'],
          ['type', '\u0003'],
        ],
      ],
    ];
    for (const [script, status, steps] of ways) {
      const result = await box.run(scripted(box, script), atTerminal(...steps));
      expect([result.status, /modes restored/.test(result.stdout)], result.stdout).toEqual([status, true]);
    }
    const missing = await box.run(scripted(box, 'exit'), { ...atTerminal(), options: ['--console-socket', '/nowhere'] });
    expect(missing.stdout).toContain('modes restored');
    const container = await box.started(box.bundle());
    const failed = await container.exec(['nothing'], ['--tty'], atTerminal());
    expect([failed.status, /modes restored/.test(failed.stdout)], failed.stdout).toEqual([255, true]);
  });

  clause('CLI-119 a signal to runts goes to the program, and the terminal is restored', async (box) => {
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) {
      const bundle = scripted(box, `trap "echo caught; exit 11" ${signal.slice(3)}; touch /data/ready; while :; do sleep 0.1; done`);
      const running = box.launch(['run', '--bundle', bundle.directory, bundle.id], atTerminal(['expect', 'caught']));
      const pid = await until('it runs', async () => {
        const { stdout } = await box.runtime(['state', bundle.id]);
        const state = stdout ? (JSON.parse(stdout) as { status: string; pid: number }) : undefined;
        return state?.status === 'running' ? state.pid : undefined;
      });
      await until('it has its trap', () => existsSync(join(bundle.rootfs, 'data/ready')));
      process.kill(parentOf(pid), signal);
      const result = await running.exited;
      expect([result.status, /modes restored/.test(result.stdout)], result.stdout).toEqual([11, true]);
    }
  });

  clause(
    'CLI-119 SIGTSTP stops runts and restores the terminal, SIGCONT makes it raw again',
    async (box) => {
      const container = await box.started(box.bundle());
      const pidFile = join(box.directory, 'pid');
      const seen = join(box.directory, 'seen');
      // With job control, so that there is somebody who can continue it.
      const script = [
        'set -m; before=$(stty -g); "$@"',
        '[ "$before" = "$(stty -g)" ] && echo "modes restored"; echo "status $?"',
        'fg >/dev/null; echo "ended with $?"; [ "$before" = "$(stty -g)" ] && echo "modes restored again"',
      ].join('; ');
      const terminal = join(import.meta.dirname, 'harness/terminal.py');
      const steps: Step[] = [
        ['expect', 'ready'],
        // Not before: what is printed would come behind the stop.
        ['touch', seen],
        ['expect', 'modes restored'],
        ['expect', 'continued'],
        // In a terminal that is not raw this would end runts.
        ['type', '\u0003'],
        ['expect', 'ended with 12'],
        ['expect', 'modes restored again'],
      ];
      const program = 'trap "exit 12" INT; trap "echo continued" CONT; echo ready; while :; do sleep 0.1; done';
      const running = box.launch(['exec', '--tty', '--pid-file', pidFile, container.id, 'sh', '-c', program], {
        through: ['/usr/bin/python3', terminal, '30x100', JSON.stringify(steps), 'sh', '-c', script, 'sh'],
      });
      await until('the program is ready', () => existsSync(seen));
      process.kill(parentOf(Number(readFileSync(pidFile, 'utf8'))), 'SIGTSTP');
      const result = await running.exited;
      expect(result.status, result.stdout).toBe(0);
    },
    'runts',
  );

  clause('CLI-048 exec --tty follows the size of the terminal', async (box) => {
    const container = await box.started(box.bundle());
    const steps: Step[] = [
      ['expect', 'ready'],
      ['size', 41, 123],
      ['expect', '41 123'],
    ];
    const script = 'echo ready; for i in $(seq 100); do [ "$(stty size)" = "41 123" ] && break; sleep 0.05; done; stty size; exit 5';
    const result = await container.exec(['sh', '-c', script], ['--tty'], atTerminal(...steps));
    expect(result.status, result.stdout).toBe(5);
  });

  clause(
    'CLI-119 a reader that goes away does not keep the program from its end',
    async (box) => {
      const container = await box.started(box.bundle());
      const piped = { through: ['sh', '-c', '"$@" | head -n 1', 'sh'] };
      expect((await container.exec(['sh', '-c', 'yes 2>/dev/null; true'], [], piped)).stdout).toBe('y\n');
      expect((await container.exec(['sh', '-c', 'for i in $(seq 1000); do echo y; done; exit 0'], ['--tty'], piped)).stdout).toBe('y\n');
    },
    'runts',
  );
});
