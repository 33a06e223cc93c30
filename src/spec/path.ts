/** Text of absolute paths; what they lead to is decided when a step runs. */

/** Collapses ".", ".." and repeated slashes without looking at any filesystem; ".." never climbs above "/". */
export function normalize(path: string): string {
  // What most paths are already, but for a slash put in front. A name that begins with a dot is looked at part by part as well.
  const rooted = path.startsWith('//') ? path.slice(1) : path;
  if (rooted.startsWith('/') && !rooted.includes('//') && !rooted.includes('/.') && !rooted.endsWith('/')) return rooted;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** `path` as seen from `base` (absolute): itself when absolute, else below `base`. */
export function resolveFrom(base: string, path: string): string {
  return normalize(path.startsWith('/') ? path : `${base}/${path}`);
}

/** Whether `path` is `directory` or lies below it. Both normalised. */
export function isWithin(directory: string, path: string): boolean {
  return path.startsWith(directory) && (path.length === directory.length || directory === '/' || path[directory.length] === '/');
}
