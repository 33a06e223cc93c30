// The bill of materials (SBOM) of a release, in CycloneDX 1.5: what the executable contains, and the npm packages it is built and tested with.

/** What is needed of a component of CycloneDX. */
export interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly scope: string;
  readonly [member: string]: unknown;
}

/** What `npm sbom` prints. */
export interface Bill {
  readonly serialNumber: string;
  readonly metadata: { readonly component: Component; readonly [member: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** Versions of what is linked in and is no npm package. */
export interface Linked {
  readonly quickjs: { readonly version: string; readonly sha256: string };
  readonly musl: string;
  readonly gcc: string;
}

/** The npm packages of which something is in the executable. */
const bundled: readonly string[] = ['node-addon-api'];

const license = (id: string) => ({ licenses: [{ license: { id } }] });
const sha256 = (content: string) => ({ hashes: [{ alg: 'SHA-256', content }] });

function library(name: string, version: string, more: Readonly<Record<string, unknown>>): Component {
  return {
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    scope: 'required',
    purl: `pkg:generic/${name}@${version}`,
    ...more,
  };
}

function linkedIn({ quickjs, musl, gcc }: Linked): Component[] {
  const runtime = { licenses: [{ expression: 'GPL-3.0-or-later WITH GCC-exception-3.1' }] };
  return [
    // The patches are part of the checkout.
    library('quickjs', quickjs.version, { ...license('MIT'), ...sha256(quickjs.sha256), modified: true }),
    library('musl', musl, license('MIT')),
    library('libstdc++', gcc, runtime),
    library('libgcc', gcc, runtime),
  ];
}

/** A serial number has the form of a UUID; this one is the executable's digest, with the bits of version 8 (RFC 9562). */
function serialNumber(digest: string): string {
  const parts = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`, digest.slice(20, 32)];
  return `urn:uuid:${parts.join('-')}`;
}

/**
 * @param npm the bill that npm writes of package-lock.json: of these packages none is needed to run the executable
 * @param linked what else the executable contains
 * @param digest SHA-256 of the executable, in hexadecimal
 * @param epoch seconds
 */
export function billOfMaterials(npm: Bill, linked: Linked, digest: string, epoch: number): Bill {
  const others = linkedIn(linked);
  const tools = npm.components.map((component) => ({ ...component, scope: bundled.includes(component.name) ? 'required' : 'excluded' }));
  // npm calls it as the folder is called.
  const executable = { ...npm.metadata.component, name: 'runts', ...sha256(digest) };
  const contained = [...others, ...tools].filter(({ scope }) => scope === 'required').map((component) => component['bom-ref']);
  return {
    ...npm,
    serialNumber: serialNumber(digest),
    metadata: { ...npm.metadata, timestamp: new Date(epoch * 1000).toISOString(), component: executable },
    components: [...others, ...tools],
    dependencies: [
      { ref: executable['bom-ref'], dependsOn: contained },
      ...others.map((component) => ({ ref: component['bom-ref'], dependsOn: [] })),
      ...npm.dependencies.filter(({ ref }) => ref !== executable['bom-ref']),
    ],
  };
}
