// The texts of the Debian package. It has no maintainer scripts and no units: installing it starts nothing, and removing it leaves containers alone.

import { description, summary } from './files.ts';

/**
 * The control file (deb-control(5)).
 * @param bytes what the files take
 */
export function controlFile(version: string, architecture: string, bytes: number): string {
  return `Package: runts
Version: ${version}
Architecture: ${architecture}
Maintainer: The authors of runts
Installed-Size: ${Math.ceil(bytes / 1024)}
Suggests: criu, uidmap
Enhances: containerd, docker.io, podman
Section: admin
Priority: optional
Description: ${summary}
${description.map((line) => ` ${line}\n`).join('')}`;
}

/** The copyright file: the notice, and where Debian keeps the licences that it names. */
export function copyrightFile(notice: string): string {
  return `${notice.trimEnd()}

On Debian systems the Apache License 2.0 is in
/usr/share/common-licenses/Apache-2.0, and the GNU General Public License
version 3 in /usr/share/common-licenses/GPL-3.
`;
}
