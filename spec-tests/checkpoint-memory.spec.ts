import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Container } from './harness/container.ts';
import { counter, goesOn, last, placesOf, restored, save, withCriu } from './harness/criu.ts';
import { freePort } from './harness/free-port.ts';

/** Writes a hundred thousand letters with every number that it counts, and looks at them: a page that is not of that moment ends it. More stay as they are. */
const writing = `
part() { head -c 100000 /dev/zero | tr '\\0' $1; }
still=$(head -c 2000000 /dev/zero | tr '\\0' s)
a=$(part a); b=$(part b); c=$(part a); i=0
while :; do
  i=$((i+1))
  if [ $((i%2)) = 1 ]; then c=$b; else c=$a; fi
  case $((i%2))$c in 1b*b|0a*a) ;; *) echo torn; exit 1 ;; esac
  [ \${#c} = 100000 ] || { echo torn; exit 1; }
  echo $i
done`;

const writer = (box: Box): Promise<Container> =>
  counter(box, (config) => {
    config.process.args = ['sh', '-c', writing];
  });

const pages = (images: string): number => statSync(join(images, 'pages-1.img')).blocks;

describe('memory that is written to meanwhile', () => {
  clause(
    'CLI-108 CLI-097 CLI-098 is consistent after a chain of three, of which each has what has changed',
    async (box) => {
      const container = await writer(box);
      const places = ['first', 'second', 'third', 'whole'].map((name) => placesOf(box, name));
      const [first, second, third, whole] = places as [(typeof places)[0], (typeof places)[0], (typeof places)[0], (typeof places)[0]];
      (await save(box, container, [...first.flags, '--pre-dump'])).ok();
      await goesOn(container, last(container.stdout));
      (await save(box, container, [...second.flags, '--pre-dump', '--parent-path', '../first'])).ok();
      await goesOn(container, last(container.stdout));
      expect(await container.status()).toBe('running');
      (await save(box, container, [...third.flags, '--leave-running', '--parent-path', '../second'])).ok();
      (await save(box, container, whole.flags)).ok();
      expect(existsSync(join(third.images, 'parent/parent'))).toBe(true);
      expect(pages(third.images)).toBeLessThan(pages(whole.images));
      const again = await restored(box, container.bundle, third.flags);
      await until('it counts', () => last(again.stdout) > 0);
      await goesOn(again, last(again.stdout));
      expect(again.stdout).not.toContain('torn');
    },
    'CRIU with memory tracking',
    'the executable',
  );

  clause(
    'CLI-111 CLI-108 --auto-dedup frees what a later one has in the images of the one before',
    async (box) => {
      const container = await writer(box);
      const [first, second] = [placesOf(box, 'first'), placesOf(box, 'second')];
      (await save(box, container, [...first.flags, '--pre-dump'])).ok();
      const before = pages(first.images);
      await goesOn(container, last(container.stdout));
      (await save(box, container, [...second.flags, '--parent-path', '../first', '--auto-dedup'])).ok();
      expect(pages(first.images)).toBeLessThan(before);
      const again = await restored(box, container.bundle, second.flags);
      await goesOn(again, last(container.stdout));
      expect(again.stdout).not.toContain('torn');
    },
    'CRIU with memory tracking',
    'the executable',
  );

  clause(
    'CLI-104 CLI-105 CLI-106 CLI-112 with --lazy-pages it arrives after the restore, from a page server that tells when it is ready',
    async (box) => {
      const container = await writer(box);
      const { images, work, flags } = placesOf(box);
      const port = await freePort();
      const note = join(box.directory, 'ready');
      closeSync(openSync(note, 'w'));
      const words = ['checkpoint', ...flags, '--lazy-pages', '--status-fd', '9', '--page-server', `127.0.0.1:${port}`, container.id];
      const dumping = box.launch(words, { ...withCriu(), through: ['sh', '-c', `exec 9>${note}; exec "$@"`, 'sh'] });
      await until('the status descriptor tells', () => readFileSync(note).equals(Buffer.of(0)));
      const before = last(container.stdout);
      const from = ['--page-server', '--address', '127.0.0.1', '--port', String(port)];
      const daemon = box.background(['criu', 'lazy-pages', ...from, '-D', images, '-W', work], withCriu());
      await until('the daemon listens', () => existsSync(join(work, 'lazy-pages.socket')));
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', writing];
      });
      const again = await restored(box, bundle, [...flags, '--lazy-pages']);
      await goesOn(again, before);
      expect((await daemon.exited).status).toBe(0);
      expect((await dumping.exited).status).toBe(0);
      await goesOn(again, last(again.stdout));
      expect(again.stdout).not.toContain('torn');
    },
    'CRIU with memory tracking',
    'the executable',
  );
});
