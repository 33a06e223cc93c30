// What a package holds, and where: below /usr of a Debian package, and the same below the folder of the tarball, which fits /usr/local.

/** What runts is, for those who look at a package. */
export const summary = 'OCI container runtime';
/** Its lines. */
export const description = [
  'The program that Docker, containerd, Podman and CRI-O call to turn a bundle',
  '(config.json and a root filesystem) into an isolated process, with the',
  'command line of runc. It is one static executable.',
];

/** A file of the built checkout, and its place below the prefix. */
export interface Packaged {
  readonly from: string;
  readonly to: string;
  readonly executable: boolean;
}

/**
 * AppArmor's folder of profiles that nobody loads: parsers before 4.0, that of Debian 12 among them, refuse ours, and in /etc/apparmor.d it would
 * stop the rest from being loaded.
 */
const profiles = 'share/apparmor/extra-profiles/';

/**
 * The executable is in bin and not in sbin: users without privileges call it too, and Debian has no sbin on their PATH.
 * @param executable its path in the checkout
 * @param shared paths below share/ of the checkout
 * @param documents files of the checkout that belong into share/doc/runts
 */
export function packagedFiles(executable: string, shared: readonly string[], documents: readonly string[]): Packaged[] {
  const place = (path: string) => path.replace(/^share\/apparmor\.d\//, profiles);
  return [
    { from: executable, to: 'bin/runts', executable: true },
    ...[...shared].sort().map((from) => ({ from, to: place(from), executable: false })),
    ...documents.map((from) => ({ from, to: `share/doc/runts/${from}`, executable: false })),
  ];
}

/** Names of processors: the kernel's, and Debian's; and e_machine of their ELF files. */
const processors: Readonly<Record<string, { readonly kernel: string; readonly debian: string; readonly machine: number }>> = {
  x64: { kernel: 'x86_64', debian: 'amd64', machine: 62 },
  arm64: { kernel: 'aarch64', debian: 'arm64', machine: 183 },
};

/** Whether a file is an executable for a processor, by its first bytes (elf(5)). @param arch Node's name of the processor */
export const isFor = (arch: string, header: Buffer): boolean =>
  header.length >= 20 && header.toString('latin1', 0, 4) === '\x7fELF' && header.readUInt16LE(18) === processors[arch]?.machine;

/**
 * What the files of a release are called.
 * @param version of package.json
 * @param arch Node's name of the processor
 * @throws Error for a processor that runts is not built for
 */
export function namesOf(version: string, arch: string) {
  const processor = processors[arch];
  if (processor === undefined) throw new Error(`there is no package for the processor ${arch}`);
  const base = `runts-${version}-linux-${processor.kernel}`;
  // Debian and rpm sort ~ before the end, as Semantic Versioning does with what comes before a release.
  const packageVersion = version.replace('-', '~');
  return {
    architecture: processor.debian,
    kernelArchitecture: processor.kernel,
    packageVersion,
    folder: base,
    tarball: `${base}.tar.gz`,
    rpm: `runts-${packageVersion}-1.${processor.kernel}.rpm`,
    deb: `runts_${packageVersion}_${processor.debian}.deb`,
    bill: `${base}.cdx.json`,
    provenance: `${base}.provenance.json`,
  };
}

/**
 * A list of checksums that `sha256sum --check` and `md5sum --check` read.
 * @param digests path or name, and digest in hexadecimal
 */
export const checksums = (digests: Readonly<Record<string, string>>): string =>
  Object.entries(digests)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, digest]) => `${digest}  ${name}\n`)
    .join('');
