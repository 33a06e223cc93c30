import type { Config } from '../../harness/config.ts';
import type { Feature } from '../feature.ts';

const terminal = (config: Config): void => {
  config.process.terminal = true;
  config.process.consoleSize = { height: 33, width: 77 };
};

/** Receives a terminal at `socket`, and writes what it shows to `shown`. */
const receive = `/srv/probe console socket >shown 2>said &
await grep -q listening said`;

export const terminals: readonly Feature[] = [
  {
    title: 'CLI-015 CFG-025 a terminal is sent to a socket, and the program has it',
    change: (config) => {
      terminal(config);
      config.process.args = ['probe', 'terminal'];
    },
    script: `${receive}; runts run --detach --console-socket socket $id; wait; runts delete --force $id
grep -o '"fds":1,"closed":true' shown; grep -o '"tty":1' shown; grep -o '"leader":1,"controlling":1,"foreign":0,"console":1' shown
grep -c '"rows":33,"columns":77' shown`,
    prints: '"fds":1,"closed":true\n"tty":1\n"leader":1,"controlling":1,"foreign":0,"console":1\n2',
  },
  {
    title: 'CLI-044 CLI-048 a terminal of exec',
    script: `runts run --detach $id; ${receive}; runts exec --tty --detach --console-socket socket $id sh -c 'test -t 0 && tty'; wait; grep -o /dev/pts/0 shown
runts delete --force $id`,
    prints: '/dev/pts/0',
  },
];
