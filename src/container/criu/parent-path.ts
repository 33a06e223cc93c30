import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';

/** Where a path leads from a directory that may not be there yet: what is not has no links. */
function below(directory: string, path: string): string {
  const [first, ...rest] = path.split('/').filter((part) => part !== '' && part !== '.');
  if (first !== '..' || addon.stat(directory, true) !== null) return `${directory}/${path}`;
  return below(directory.slice(0, directory.lastIndexOf('/')), rest.join('/'));
}

/**
 * Images of a previous pre-dump lie beside these, so that both can be moved together.
 * @throws RuntimeError INVALID_VALUE
 */
export function parentPath(text: string | undefined, imagePath: string): string | undefined {
  if (!text) return undefined;
  if (text.startsWith('/')) throw new RuntimeError('INVALID_VALUE', '--parent-path must be relative');
  const parent = below(imagePath, text);
  const type = addon.stat(parent, true)?.type;
  if (type === 'directory') return text;
  const why = type === undefined ? 'no such file or directory' : 'not a directory';
  throw new RuntimeError('INVALID_VALUE', `invalid --parent-path: stat ${parent}: ${why}`);
}
