import type { CriuOptions } from '../../plan/criu/rpc.ts';

/** What runc has CRIU read, where it is there. */
const usual = '/etc/criu/runc.conf';

/** The container's own configuration of CRIU (annotation `org.criu.config`), which outweighs what was asked for; "" for none. */
export function configFileOption(annotations: Readonly<Record<string, string>> = {}): Pick<CriuOptions, 'config_file'> {
  const own = annotations['org.criu.config'];
  if (own === '') return {};
  return { config_file: own ?? usual };
}
