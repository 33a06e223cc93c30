import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { receiver } from './harness/console.ts';
import type { Terminal } from './harness/probe.ts';

describe('terminal', () => {
  clause(
    'CLI-015 create sends one pty master with a payload and closes the connection',
    async (box) => {
      const terminal = await receiver(box);
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
      });
      await box.create(bundle, { options: ['--console-socket', terminal.socket] });
      const received = await terminal.received();
      expect(received).toMatchObject({ fds: 1, closed: true });
      expect(received.name).not.toBe('');
    },
    'probe',
  );

  clause(
    'CFG-025 fds 0 to 2, /dev/console and the controlling terminal are the pty',
    async (box) => {
      const terminal = await receiver(box);
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
        config.process.args = ['probe', 'terminal'];
      });
      await box.started(bundle, { options: ['--console-socket', terminal.socket] });
      const seen = JSON.parse(await terminal.shows(/\{"tty.*\}/)) as Terminal;
      expect(seen).toMatchObject({ tty: 1, leader: 1, controlling: 1, foreign: 0, console: 1 });
      expect(seen.name).toMatch(/^\/dev\/(pts\/\d+|console)$/);
    },
    'probe',
  );

  clause(
    'CFG-026 consoleSize sets the size before the program starts',
    async (box) => {
      const terminal = await receiver(box);
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
        config.process.consoleSize = { height: 33, width: 101 };
        config.process.args = ['probe', 'terminal'];
      });
      await box.started(bundle, { options: ['--console-socket', terminal.socket] });
      expect(await terminal.received()).toMatchObject({ rows: 33, columns: 101 });
      expect(JSON.parse(await terminal.shows(/\{"tty.*\}/))).toMatchObject({ rows: 33, columns: 101 });
    },
    'probe',
  );

  clause(
    'CLI-122 the pty belongs to the user and to group 5',
    async (box) => {
      const terminal = await receiver(box);
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
        config.process.user = { uid: 1000, gid: 1000 };
        config.process.args = ['sh', '-c', 'stat -Lc "owner %u %g %a" /proc/self/fd/0'];
      });
      await box.started(bundle, { options: ['--console-socket', terminal.socket] });
      expect(await terminal.shows(/owner \d+ \d+ \d+/)).toBe('owner 1000 5 620');
    },
    'probe',
  );

  clause(
    'CFG-025 what is typed arrives, and control-C interrupts',
    async (box) => {
      const terminal = await receiver(box, 'word\n', '\u0003');
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
        config.process.args = [
          'sh',
          '-c',
          'trap "echo interrupted; exit 3" INT; echo "ready?"; read line; echo "got $line?"; while :; do sleep 0.1; done',
        ];
      });
      const container = await box.started(bundle, { options: ['--console-socket', terminal.socket] });
      await terminal.shows(/got word/);
      await terminal.shows(/interrupted/);
      await container.reaches('stopped');
    },
    'probe',
  );

  clause('CLI-015 a terminal without a console socket is refused when create detaches', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.process.terminal = true;
      }),
    );
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('CLI-015 the words for a missing console socket are runc’s', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.process.terminal = true;
      }),
    );
    expect(result.stderr).toMatch(/cannot allocate tty if .* will detach without setting console socket/);
  });

  clause(
    'CLI-015 a console socket without a terminal is refused',
    async (box) => {
      const terminal = await receiver(box);
      const result = await box.tryCreate(box.bundle(), { options: ['--console-socket', terminal.socket] });
      expect(result.status).toBe(1);
      expect(box.leftovers().filter((line) => !line.includes('console-'))).toEqual([]);
    },
    'probe',
  );

  clause(
    'ENG-005 the terminal comes before create returns; a create that fails then leaves nobody holding it',
    async (box) => {
      const terminal = await receiver(box);
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
        config.process.args = ['no-such-program'];
      });
      const options = ['--console-socket', terminal.socket];
      const created = await box.tryCreate(bundle, { options });
      expect((created.status === 0 ? await box.runtime(['start', bundle.id]) : created).status).not.toBe(0);
      // The receiver ends when the last slave is closed.
      await terminal.running.exited;
      expect(await terminal.received()).toMatchObject({ fds: 1, closed: true });
    },
    'probe',
  );

  clause('CLI-015 a console socket nobody listens on is an error that leaves nothing', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.terminal = true;
    });
    expect((await box.tryCreate(bundle, { options: ['--console-socket', join(box.directory, 'nobody.sock')] })).status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('CFG-027 consoleSize without a terminal is ignored', async (box) => {
    await box.output(['true'], (config) => {
      config.process.consoleSize = { height: 10, width: 10 };
    });
  });

  clause('LNX-045 without a terminal there is no /dev/console', async (box) => {
    expect(await box.output(['sh', '-c', '[ -e /dev/console ] || echo none'])).toBe('none\n');
  });

  clause(
    'CLI-048 exec --tty gives a terminal of the container',
    async (box) => {
      const terminal = await receiver(box);
      const container = await box.started(box.bundle());
      (await container.exec(['probe', 'terminal'], ['--tty', '--detach', '--console-socket', terminal.socket])).ok();
      const seen = JSON.parse(await terminal.shows(/\{"tty.*\}/)) as Terminal;
      expect(seen).toMatchObject({ tty: 1, leader: 1, controlling: 1, foreign: 0 });
      expect(await terminal.received()).toMatchObject({ fds: 1, closed: true });
    },
    'probe',
  );

  clause('CLI-119 run in the foreground relays between the caller’s terminal and the container’s', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.terminal = true;
      config.process.args = [
        'sh',
        '-c',
        'tty; for i in $(seq 100); do [ "$(stty size 2>&1)" = "21 77" ] && break; sleep 0.05; done; stty size; echo "ready?"; read line; echo "got $line"; exit 7',
      ];
    });
    const script = 'stty rows 21 cols 77; exec "$@"';
    const running = box.launch(['run', '--bundle', bundle.directory, bundle.id], {
      through: ['/usr/bin/python3', join(import.meta.dirname, 'harness/foreground.py'), script],
    });
    const result = await running.exited;
    expect(result.stdout).toMatch(/\/dev\/pts\/0/);
    expect(result.stdout).toMatch(/21 77/);
    expect(result.stdout).toMatch(/got typed/);
    expect(result.status).toBe(7);
  });

  /** Runs `script` on a terminal of its own, "$@" being `args` of the runtime. @returns the file that it names `$OUT`, and the status */
  const onTerminal = async (box: Box, script: string, args: readonly string[]) => {
    const out = join(box.directory, 'out');
    const through = ['/usr/bin/python3', join(import.meta.dirname, 'harness/foreground.py'), script];
    const { status, stdout } = await box.launch(args, { through, env: { OUT: out } }).exited;
    return { status, shown: stdout, out: existsSync(out) ? readFileSync(out, 'utf8') : '' };
  };

  clause('CLI-119 who reads the output of run sees newlines as they were written', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.terminal = true;
      config.process.args = ['sh', '-c', 'echo one; echo two'];
    });
    const { status, out } = await onTerminal(box, '"$@" > "$OUT"', ['run', '--bundle', bundle.directory, bundle.id]);
    expect({ status, out }).toEqual({ status: 0, out: 'one\ntwo\n' });
  });

  clause('CLI-119 a terminal shows every line from its beginning', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.terminal = true;
      config.process.args = ['sh', '-c', 'echo one; echo two'];
    });
    const { shown } = await onTerminal(box, '"$@"', ['run', '--bundle', bundle.directory, bundle.id]);
    expect(shown).toBe('one\r\ntwo\r\n');
  });

  clause('CLI-119 CLI-048 the same for exec', async (box) => {
    const container = await box.started(box.bundle());
    const args = ['exec', '--tty', container.id, 'sh', '-c', 'echo one; echo two'];
    expect((await onTerminal(box, '"$@" > "$OUT"', args)).out).toBe('one\ntwo\n');
    expect((await onTerminal(box, '"$@"', args)).shown).toBe('one\r\ntwo\r\n');
  });

  clause(
    'CLI-015 a console socket gets a terminal as the kernel makes it',
    async (box) => {
      const terminal = await receiver(box);
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
        config.process.args = ['sh', '-c', 'echo one; echo two'];
      });
      await box.started(bundle, { options: ['--console-socket', terminal.socket] });
      await terminal.shows(/one\r\ntwo\r\n/);
    },
    'probe',
  );

  for (const [name, text] of [
    ['after a line', 'typed\n'],
    ['within a line', 'typed'],
    ['without a byte', ''],
  ])
    clause(`CLI-119 the end of a pipe reaches the program of a terminal ${name}`, async (box) => {
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
        config.process.args = ['sh', '-c', 'stty -echo; cat | od -c | head -n1; echo ended'];
      });
      const script = `printf '${text?.replace('\n', '\\n')}' | timeout 60 "$@" > "$OUT"`;
      const { status, out } = await onTerminal(box, script, ['run', '--bundle', bundle.directory, bundle.id]);
      expect(status).toBe(0);
      expect(out).toMatch(/ended\n$/);
      if (text !== '') expect(out).toMatch(/t {3}y {3}p {3}e {3}d/);
    });

  clause('CLI-119 the null device of a service is no end of input', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.terminal = true;
      config.process.args = ['sh', '-c', 'timeout 1 cat; echo "status $?"'];
    });
    const { out } = await onTerminal(box, '"$@" > "$OUT" < /dev/null', ['run', '--bundle', bundle.directory, bundle.id]);
    expect(out).toMatch(/status 1(24|43)\n/);
  });
});
