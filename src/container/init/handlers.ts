import { addon } from '../../native/addon.ts';
import type { Context } from '../context.ts';
import { reportStep } from '../trace.ts';
import type { InitHandlers } from './spawn.ts';

/** What init tells of itself goes to the caller. */
export const told = (context: Context): Pick<InitHandlers, 'warning' | 'traced'> => ({
  warning: ({ text }) => context.warn({ code: 'INIT_WARNING', message: text.join(': ') }),
  traced: reportStep(context),
});

/** For plans that make no process and have neither terminal nor filter: only `sync` is asked for. */
export const handlersAlone = (context: Context, sync: InitHandlers['sync'] = () => []): InitHandlers => ({
  cloned: () => {},
  sync,
  console: (fd) => addon.close(fd),
  seccompListener: (fd) => addon.close(fd),
  ...told(context),
});
