// Where Debian's packages come from on this machine. Plain JavaScript on Node's own modules, as the build needs it.
import { run } from './run.js';

/** The address of the archive, with a slash at its end. @throws Error when apt knows none */
export function debianMirror() {
  const find = () => {
    const repositories = run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']).split('\n');
    return repositories.find((uri) => /\/debian\/?$/.test(uri));
  };
  let debian = find();
  if (debian === undefined && process.geteuid?.() === 0) {
    // apt tells of the lists it has, and an image of Debian comes without any.
    run('apt-get', ['-qq', 'update']);
    debian = find();
  }
  if (debian === undefined) throw new Error('apt knows no mirror of Debian');
  return debian.endsWith('/') ? debian : `${debian}/`;
}
