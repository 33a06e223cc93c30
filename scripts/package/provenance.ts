// Where a release comes from: a statement of in-toto with the predicate "SLSA provenance v1".

/** What a build started from, and with what it was made. */
export interface Origin {
  /** Of the commit, in full. */
  readonly commit: string;
  /** Seconds; every file of the packages has this time. */
  readonly epoch: number;
  /** Whether the executable was built for this release, in a clone of nothing but the commit. */
  readonly freshClone: boolean;
  /** SHA-256 in hexadecimal of what went in and is not part of the commit. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What each program says of its version. */
  readonly tools: Readonly<Record<string, string>>;
}

/** @param products name and SHA-256 of each file of the release, and of the executable */
export function provenance(products: Readonly<Record<string, string>>, { commit, epoch, freshClone, inputs, tools }: Origin) {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: Object.entries(products).map(([name, sha256]) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:runts:npm-run-package:1',
        externalParameters: { commit, freshClone },
        internalParameters: { SOURCE_DATE_EPOCH: epoch, tools },
        resolvedDependencies: [
          { name: 'runts', digest: { gitCommit: commit } },
          ...Object.entries(inputs).map(([name, sha256]) => ({ name, digest: { sha256 } })),
        ],
      },
      // Nobody vouches for the machine: whoever builds the commit again with these tools can compare.
      runDetails: { builder: { id: 'urn:runts:releaser' } },
    },
  };
}
