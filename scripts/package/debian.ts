// The texts of the Debian package. It has no maintainer scripts and no units: installing it starts nothing, and removing it leaves containers alone.

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
Description: OCI container runtime
 The program that Docker, containerd, Podman and CRI-O call to turn a bundle
 (config.json and a root filesystem) into an isolated process, with the
 command line of runc. It is one static executable.
`;
}

/** The copyright file: the notice, and where Debian keeps the licences that it names. */
export function copyrightFile(notice: string): string {
  return `${notice.trimEnd()}

On Debian systems the Apache License 2.0 is in
/usr/share/common-licenses/Apache-2.0, and the GNU General Public License
version 3 in /usr/share/common-licenses/GPL-3.
`;
}
