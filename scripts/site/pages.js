/** The pages of the site in the order of its navigation, by group; paths count from the root of the repository. The first page is README.md. */
export const pages = {
  Guides: [
    'docs/guides/first-container.md',
    'docs/guides/image.md',
    'docs/guides/limits.md',
    'docs/guides/seccomp.md',
    'docs/guides/debugging.md',
    'docs/guides/moving.md',
    'docs/guides/comparison.md',
    'docs/guides/virtual-machines.md',
  ],
  Engines: ['docs/docker.md', 'docs/containerd.md', 'docs/podman.md', 'docs/kubernetes.md', 'docs/nesting.md'],
  Using: ['docs/rootless.md', 'docs/checkpoint.md', 'docs/library.md', 'docs/errors.md', 'docs/json.md'],
  Trust: ['docs/compatibility.md', 'docs/security.md', 'docs/threat-model.md', 'docs/platforms.md', 'docs/conformance.md', 'SECURITY.md'],
  Project: [
    'docs/architecture.md',
    'docs/engine.md',
    'docs/engine-commits.md',
    'docs/requirements.md',
    'docs/testing.md',
    'CONTRIBUTING.md',
    'docs/releasing.md',
    'docs/versioning.md',
    'CHANGELOG.md',
  ],
};
