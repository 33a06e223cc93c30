import type { Chapter } from './explanation.ts';

/** Of a configuration alone; `validate` finds some of the failures too. */
export const findings = {
  kind: 'finding',
  title: 'Findings',
  codes: {
    MISSING_PROPERTY: [
      'a required member is absent',
      'without it the configuration has no meaning',
      'config.json without `ociVersion`',
      'add it',
    ],
    WRONG_TYPE: [
      'a value has another JSON type than the specification says',
      'a text in place of a number, one value in place of a list',
      '`"args": "sh"`',
      'write it as the finding expects: `"args": ["sh"]`',
    ],
    BAD_INTEGER: [
      'a number is no integer, or outside the range of its type',
      'fractions and numbers beyond 64 bits cannot be passed on',
      '`"uid": 1.5`',
      'write a whole number within the range',
    ],
    UNKNOWN_VALUE: [
      'a string is none of the values that the specification defines',
      'a misspelt name',
      '`{"type": "pidd"}`',
      'the hint has the nearest name',
    ],
    UNKNOWN_PROPERTY: [
      'a member that the specification does not define; it is ignored',
      'a misspelt name, or one of a later version',
      '`"rootfsPropagtion": "slave"`',
      'mend the name, or leave it out',
    ],
    DUPLICATE_PROPERTY: [
      'a member name is repeated in one object; the last counts (`validate` alone looks for it)',
      'other programs may take the first',
      '`{"path": "old", "path": "rootfs"}`',
      'leave one out',
    ],
    NUL_BYTE: [
      'a text has a NUL in it, where the kernel would end it',
      'the kernel would see another text than you',
      '`"hostname": "a\\u0000b"`',
      'leave the NUL out',
    ],
    BAD_VERSION: [
      '`ociVersion` is not SemVer, or of another major version',
      'nobody knows what another major version means',
      '`"ociVersion": "2.0.0"`',
      'write the version that config.json was made for, such as `1.3.0`',
    ],
    NEWER_VERSION: [
      '`ociVersion` is newer than the one implemented',
      'properties of it may be unknown to this runts',
      '`"ociVersion": "1.99.0"`',
      'take a later runts, or write the version that is needed',
    ],
    EMPTY: ['a text or a list that must not be empty', 'nothing would be named by it', '`"args": []`', 'fill it in, or leave it out'],
    NOT_ABSOLUTE: [
      'a path that has to begin with `/`',
      'it counts from the root of the container',
      '`"cwd": "work"`',
      'write it from the root on: `/work`',
    ],
    OUT_OF_RANGE: [
      'a number that is not possible here',
      'the kernel takes no others',
      '`"oomScoreAdj": 2000`',
      'choose one within the range that the finding names',
    ],
    BAD_FORMAT: [
      'a text that has not the form it should have',
      'its parts cannot be told',
      '`"env": ["PATH"]`',
      'write it as the finding expects: `PATH=/bin`',
    ],
    DUPLICATE: [
      'the same thing is asked for twice',
      'only one of them can hold',
      '`"namespaces": [{"type": "pid"}, {"type": "pid"}]`',
      'leave one out',
    ],
    NEEDS_NAMESPACE: [
      'it needs a namespace that the container does not have of its own',
      'it would change the host',
      '`"hostname": "web"` without a namespace of the type `uts`',
      'add the namespace that the hint names',
    ],
    NOT_MAPPED: [
      'an id that the user namespace does not have',
      'nobody could own anything by it',
      '`"user": {"uid": 70000, "gid": 0}` with 65536 mapped ids',
      'map it, or choose one that is mapped',
    ],
    NEEDS_PROPERTY: [
      'it needs another member that is absent',
      'half of what is meant is missing',
      '`"memory": {"swap": 134217728}`, without `limit`',
      'add the member that the message names',
    ],
    CONFLICT: [
      'two members exclude each other',
      'both cannot hold at once',
      '`"scheduler": {"policy": "SCHED_OTHER", "priority": 5}`',
      'leave one out',
    ],
    UNSUPPORTED: [
      'a value that is valid but never applied',
      'no Linux kernel, or no runtime, can do it',
      '`"scheduler": {"policy": "SCHED_ISO"}`',
      'leave it out',
    ],
    DEPRECATED: [
      'it works, but the specification advises against it',
      'another runtime or a later version may refuse it',
      '`{"destination": "data", "type": "tmpfs"}`',
      'write it in the form that the finding expects',
    ],
  },
} as const satisfies Chapter;
