import type { Deviation } from './deviation.ts';

export const rootless: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    reason: 'refuses additional groups of a user without privileges',
    why: 'newgidmap has mapped them, and the kernel lets the container set them, as crun does',
    titles: { 'CFG-068 has additional groups out of the ranges': 'cannot set any additional groups in a rootless container' },
  },
  {
    runtimes: ['runc'],
    reason: 'makes up no user namespace and no mappings for a user without privileges',
    why: "the ranges of /etc/subuid are his to use, and crun uses them, so that root's bundles run for him too",
    titles: {
      'LNX-020 a user namespace without mappings gets those of the user': 'user namespaces enabled, but no uid mappings found',
      'LNX-015 a configuration without a user namespace gets one': 'rootless container requires user namespaces',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'kill --all reaches nobody in a container without a cgroup',
    titles: { 'CLI-025 CLI-026 kill sends signals': 'its state says so' },
  },
  {
    runtimes: ['crun'],
    reason: 'gives the processes of exec the oom_score_adj of its caller',
    titles: { 'CFG-049 raises its oom_score_adj, also for exec': "expected '0\\n' to be '600\\n'" },
  },
];
