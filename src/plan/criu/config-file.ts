import { RuntimeError } from '../../errors.ts';
import { escapePointer } from '../../spec/pointer.ts';
import type { CriuOptions } from './rpc.ts';

/** The annotation that names a configuration of CRIU for one container. */
export const configAnnotation = 'org.criu.config';

/** What runc has CRIU read, where it is there. */
const usual = '/etc/criu/runc.conf';

/**
 * The configuration of CRIU, which outweighs what was asked for; none where the annotation is empty. A file of it has CRIU run programs on the host
 * as root, and annotations may come from whoever has written a pod: so the caller has to allow this one.
 * @throws RuntimeError INVALID_ANNOTATION
 */
export function configFileOption(
  annotations: Readonly<Record<string, string>> = {},
  allowedAnnotations: readonly string[] = [],
): Pick<CriuOptions, 'config_file'> {
  const own = annotations[configAnnotation];
  if (own === undefined) return { config_file: usual };
  if (own === '') return {};
  if (allowedAnnotations.includes(configAnnotation)) return { config_file: own };
  throw new RuntimeError(
    'INVALID_ANNOTATION',
    `annotation ${configAnnotation}: CRIU would run the programs that ${JSON.stringify(own)} names`,
    {
      pointer: `/annotations/${escapePointer(configAnnotation)}`,
      hint: `runts --allow-annotation ${configAnnotation} allows it`,
    },
  );
}
