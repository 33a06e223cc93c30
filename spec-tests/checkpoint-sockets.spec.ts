// Sockets whose other end is not in the container, or that nobody has accepted yet.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, dropNamespace } from './harness/config.ts';
import { counter, goesOn, last, placesOf, restored, save } from './harness/criu.ts';

/** Opens the sockets, and counts at the pace of `counting`: on its output, and by a datagram each time, where it has whom to send them to. */
const program = (sockets: string) => `
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void) {
  int to = -1;
  ${sockets}
  for (int i = 1;; i++) {
    char text[20];
    int length = sprintf(text, "%d\\n", i);
    write(1, text, length);
    if (to >= 0) send(to, text, length, 0);
    usleep(20000);
  }
}
`;

const connectedTo = (path: string) => `
  struct sockaddr_un log = { AF_UNIX, "${path}" };
  to = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (connect(to, (struct sockaddr *)&log, sizeof log) < 0) return 1;`;

const connectedToItself = `
  struct sockaddr_in here = { AF_INET, htons(4712), { htonl(INADDR_LOOPBACK) } };
  int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 5) < 0) return 1;
  if (connect(client, (struct sockaddr *)&here, sizeof here) < 0) return 2;`;

/** Writes what it receives to a file. */
const receiver = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
with open(sys.argv[2], 'wb', 0) as f:
    while True: f.write(s.recv(100))`;

async function compiled(box: Box, sockets: string): Promise<(config: Config, bundle: Bundle) => void> {
  const [source, built] = [join(box.directory, 'program.c'), join(box.directory, 'program')];
  writeFileSync(source, program(sockets));
  (await box.host(['gcc', '-static', '-Os', '-o', built, source])).ok();
  return (config, bundle) => {
    copyFileSync(built, join(bundle.rootfs, 'bin/program'));
    config.process.args = ['/bin/program'];
  };
}

describe('what a process is connected with', () => {
  clause(
    'CLI-102 a datagram socket of the host is connected with again, with --ext-unix-sk alone',
    async (box) => {
      const [folder, got] = [join(box.directory, 'log'), join(box.directory, 'got')];
      mkdirSync(folder);
      box.background(['/usr/bin/python3', '-c', receiver, join(folder, 'socket'), got]);
      await until('the receiver listens', () => existsSync(join(folder, 'socket')) && existsSync(got));
      const put = await compiled(box, connectedTo(join(folder, 'socket')));
      const container = await counter(box, (config, bundle) => {
        put(config, bundle);
        // Of sockets in other network namespaces CRIU knows nothing.
        dropNamespace(config, 'network');
        // It connects with the path that the other has bound.
        config.mounts.push({ destination: folder, source: folder, options: ['bind'] });
      });
      const { flags } = placesOf(box);
      const refused = await save(box, container, flags);
      expect(refused.status).toBe(1);
      if (box.kind === 'runts') expect(refused.stderr).toContain('--ext-unix-sk allows it');
      await goesOn(container, last(container.stdout));
      (await save(box, container, [...flags, '--ext-unix-sk'])).ok();
      const before = last(readFileSync(got, 'utf8'));
      await goesOn(await restored(box, container.bundle, [...flags, '--ext-unix-sk']), last(container.stdout));
      await until('more is received', () => last(readFileSync(got, 'utf8')) > before + 3);
    },
    'CRIU',
    'the executable',
    '/usr/bin/gcc',
  );

  clause(
    'CLI-100 a connection that nobody has accepted is left out with --tcp-skip-in-flight, and keeps it from being saved without',
    async (box) => {
      const container = await counter(box, await compiled(box, connectedToItself));
      const { flags } = placesOf(box);
      const established = [...flags, '--tcp-established'];
      const refused = await save(box, container, established);
      expect(refused.status).toBe(1);
      if (box.kind === 'runts') expect(refused.stderr).toContain('--tcp-skip-in-flight allows it');
      await goesOn(container, last(container.stdout));
      (await save(box, container, [...established, '--tcp-skip-in-flight'])).ok();
      await goesOn(await restored(box, container.bundle, established), last(container.stdout));
    },
    'CRIU',
    'the executable',
    // runc leaves the loopback interface down.
    'runts',
    'CRIU that restores connections',
    '/usr/bin/gcc',
  );
});
