// What `npm run pack` says in the package.json of each package, and of which addon goes into which.

/** A package.json, as far as packing looks at it. */
export interface Manifest extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
}

export interface Platform {
  /** As src/native/load.ts looks for it. */
  readonly name: string;
  /** process.arch. */
  readonly cpu: string;
  /** As npm calls it. */
  readonly libc: 'glibc' | 'musl';
  /** Where the addon is built. */
  readonly addon: string;
}

/** What there are prebuilt addons for. */
export const platforms: readonly Platform[] = [
  { name: '@runts/linux-x64-gnu', cpu: 'x64', libc: 'glibc', addon: 'build/Release/runts.node' },
  { name: '@runts/linux-x64-musl', cpu: 'x64', libc: 'musl', addon: 'build/musl/runts.node' },
];

/** What only whoever builds it has a use for. */
const ofBuilds = ['scripts', 'devDependencies', 'allowScripts', 'gypfile'];

/** Of the checkout's own package npm takes the addon that was built; that of the registry has those of the platforms in its place, at its own version. */
export function mainManifest(manifest: Manifest): Manifest {
  const kept = Object.entries(manifest).filter(([name]) => !ofBuilds.includes(name));
  return {
    ...(Object.fromEntries(kept) as unknown as Manifest),
    files: manifest.files.filter((file) => !file.endsWith('.node')),
    optionalDependencies: Object.fromEntries(platforms.map(({ name }) => [name, manifest.version])),
  };
}

export const platformManifest = ({ version, license, engines }: Manifest, { name, cpu, libc }: Platform): Manifest => ({
  name,
  version,
  description: `The addon of runts for Linux on ${cpu} with ${libc}`,
  license,
  engines,
  os: ['linux'],
  cpu: [cpu],
  libc: [libc],
  main: 'runts.node',
  files: ['runts.node', 'NOTICE'],
});

/** e_machine of elf(5). */
const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

/** @returns why this file is no addon for the platform; undefined: it is one */
export function misfit(file: Uint8Array, { cpu, libc }: Platform): string | undefined {
  const bytes = Buffer.from(file);
  if (bytes.length < 64 || !bytes.subarray(0, 4).equals(Buffer.from('\x7fELF'))) return 'not an ELF file';
  if (bytes.readUInt16LE(18) !== machines[cpu]) return `not for ${cpu}`;
  // The name of its C library, as DT_NEEDED has it.
  if (bytes.includes('\0libc.so.6\0') !== (libc === 'glibc')) return `not linked against ${libc}`;
  return undefined;
}
