import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { addCapabilities, setNamespace, withUserNamespace } from './harness/config.ts';

describe('default devices', () => {
  const nodes = { null: '1:3', zero: '1:5', full: '1:7', random: '1:8', urandom: '1:9', tty: '5:0' };

  clause('LNX-039 to LNX-044 null, zero, full, random, urandom and tty are there with their numbers and mode 666', async (box) => {
    const paths = Object.keys(nodes).map((name) => `/dev/${name}`);
    const text = await box.output(['stat', '-c', '%n %t:%T %a %F', ...paths]);
    const expected = Object.entries(nodes).map(([name, number]) => `/dev/${name} ${number} 666 character special file`);
    expect(text.trim().split('\n')).toEqual(expected);
  });

  clause('LNX-039 default devices work', async (box) => {
    const script = 'echo x > /dev/null; head -c 5 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; echo y > /dev/full || echo full';
    expect(await box.output(['sh', '-c', script])).toBe('5\n4\nfull\n');
  });

  clause('LNX-039 default devices are supplied when /dev is a directory of the rootfs', async (box) => {
    const text = await box.output(['stat', '-c', '%t:%T', '/dev/null', '/dev/zero'], (config) => {
      config.mounts = config.mounts.filter((mount) => mount.destination === '/proc');
    });
    expect(text).toBe('1:3\n1:5\n');
  });

  clause('RTL-004 to RTL-007 fd, stdin, stdout and stderr are links into /proc/self/fd', async (box) => {
    const text = await box.output(['sh', '-c', 'for name in fd stdin stdout stderr; do readlink /dev/$name; done']);
    expect(text).toBe('/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\n');
  });

  clause('RTL-008 without /proc the links are left out, and that is no error', async (box) => {
    const text = await box.output(['sh', '-c', 'ls -l /dev | grep -c proc; true'], (config) => {
      config.mounts = config.mounts.filter((mount) => mount.destination === '/dev');
    });
    expect(text).toBe('0\n');
  });

  clause('LNX-046 /dev/ptmx leads to the container’s own devpts', async (box) => {
    const text = await box.output(['sh', '-c', 'readlink /dev/ptmx || stat -c %t:%T /dev/ptmx']);
    expect(text).toMatch(/^(\/dev\/)?pts\/ptmx\n$|^5:2\n$/);
  });

  clause('ENG-026 stdout of a user can be opened again through /dev/stdout', async (box) => {
    const text = await box.output(['sh', '-c', 'echo again > /dev/stdout'], (config) => {
      config.process.user = { uid: 1000, gid: 1000 };
    });
    expect(text).toBe('again\n');
  });
});

describe('configured devices', () => {
  clause('LNX-029 LNX-031 LNX-034 to LNX-036 a device outside /dev, with owner and mode whatever the umask', async (box) => {
    const text = await box.output(['stat', '-c', '%t:%T %a %u %g %F', '/a/b/null'], (config) => {
      config.linux.devices = [{ type: 'c', path: '/a/b/null', major: 1, minor: 3, fileMode: 0o622, uid: 5, gid: 6 }];
      config.process.user.umask = 0o77;
    });
    expect(text).toBe('1:3 622 5 6 character special file\n');
  });

  clause('LNX-030 the types c, u, b and p', async (box) => {
    const text = await box.output(['stat', '-c', '%F', '/dev/c', '/dev/u', '/dev/b', '/dev/p'], (config) => {
      config.linux.devices = [
        { type: 'c', path: '/dev/c', major: 1, minor: 3, fileMode: 0o666 },
        { type: 'u', path: '/dev/u', major: 1, minor: 5, fileMode: 0o666 },
        { type: 'b', path: '/dev/b', major: 7, minor: 0, fileMode: 0o660 },
        { type: 'p', path: '/dev/p', fileMode: 0o644 },
      ];
    });
    expect(text).toBe('character special file\ncharacter special file\nblock special file\nfifo\n');
  });

  clause('LNX-029 a node of the host is available in a user namespace', async (box) => {
    const text = await box.output(['stat', '-c', '%t:%T', '/dev/full'], (config) => {
      withUserNamespace(config);
      config.linux.devices = [{ type: 'c', path: '/dev/full', major: 1, minor: 7, fileMode: 0o666 }];
    });
    expect(text).toBe('1:7\n');
  });

  // runc binds the host's node of that name, whatever its number, owner and mode; crun makes only those that the host lacks.
  clause(
    'LNX-029 LNX-031 LNX-034 to LNX-036 in a user namespace a device has the number, owner and mode asked for',
    async (box) => {
      const text = await box.output(['stat', '-c', '%t:%T %a %u %g', '/dev/full', '/dev/spec-no-such-node', '/dev/null'], (config) => {
        withUserNamespace(config);
        config.process.user.umask = 0o77;
        config.linux.devices = [
          { type: 'c', path: '/dev/full', major: 1, minor: 5, fileMode: 0o666 },
          { type: 'b', path: '/dev/spec-no-such-node', major: 7, minor: 200, fileMode: 0o640, uid: 5, gid: 6 },
        ];
      });
      expect(text).toBe('1:5 666 0 0\n7:c8 640 5 6\n1:3 666 0 0\n');
    },
    'runts',
  );

  clause(
    'LNX-029 in a user namespace devices work and are the container’s own, and nothing but they is mounted',
    async (box) => {
      const mounted = 'grep -F " - tmpfs " /proc/self/mountinfo | cut -d " " -f 5 | grep /. | sort';
      const script = `echo x > /dev/null; head -c 3 /dev/zero | wc -c; chmod 600 /dev/zero; stat -c %a /dev/zero; ${mounted}`;
      const text = await box.output(['sh', '-c', script], withUserNamespace);
      const nodes = ['', '/full', '/null', '/random', '/shm', '/tty', '/urandom', '/zero'].map((name) => `/dev${name}`);
      expect(text.trim().split('\n')).toEqual(['3', '600', ...nodes]);
      expect((await box.host(['stat', '-c', '%a', '/dev/zero'])).stdout).toBe('666\n');
    },
    'runts',
  );

  clause(
    'LNX-029 in a user namespace that is joined a device has its number, owner and mode, too',
    async (box) => {
      const first = await box.started(box.bundle(withUserNamespace));
      const text = await box.output(['stat', '-c', '%t:%T %a %u %g', '/dev/full'], (config) => {
        setNamespace(config, 'user', `/proc/${first.pid}/ns/user`);
        config.linux.devices = [{ type: 'c', path: '/dev/full', major: 1, minor: 5, fileMode: 0o640, uid: 5, gid: 6 }];
      });
      expect(text).toBe('1:5 640 5 6\n');
    },
    'runts',
    'Linux 6.3',
  );

  for (const [what, change] of Object.entries({
    'in a user namespace': withUserNamespace,
    'without one': () => {},
  })) {
    clause(`LNX-046 /dev/ptmx among the devices is the container’s own, ${what}`, async (box) => {
      const text = await box.output(['sh', '-c', 'readlink /dev/ptmx || stat -c %t:%T /dev/ptmx; stat -Lc %t:%T /dev/ptmx'], (config) => {
        change(config);
        config.linux.devices = [{ type: 'c', path: '/dev/ptmx', major: 5, minor: 2, fileMode: 0o666 }];
      });
      expect(text).toMatch(/^(\/dev\/)?pts\/ptmx\n5:2\n$/);
    });

    clause(
      `LNX-046 a mount on /dev/ptmx stays, ${what}`,
      async (box) => {
        const text = await box.output(['stat', '-c', '%t:%T', '/dev/ptmx'], (config) => {
          change(config);
          config.mounts.push({ destination: '/dev/ptmx', source: '/dev/zero', options: ['bind'] });
        });
        expect(text).toBe('1:5\n');
      },
      'runts',
    );
  }

  clause('LNX-032 a regular file at the path is refused', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config, bundle) => {
        bundle.put('/data/node', 'text');
        config.linux.devices = [{ type: 'c', path: '/data/node', major: 1, minor: 3, fileMode: 0o666 }];
      }),
    );
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-032 the same device at the path is accepted', async (box) => {
    const bundle = box.bundle((config) => {
      config.linux.devices = [{ type: 'c', path: '/data/node', major: 1, minor: 3, fileMode: 0o666 }];
      config.process.args = ['true'];
    });
    (await box.host(['mknod', join(bundle.rootfs, 'data/node'), 'c', '1', '3'])).ok();
    (await box.run(bundle)).ok();
  });

  clause('LNX-030 an unknown type is refused', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.linux.devices = [{ type: 'x', path: '/data/node', major: 1, minor: 3, fileMode: 0o666 }];
      }),
    );
    expect(result.status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  clause('CFG-011 a device behind a symlink of the rootfs stays inside', async (box) => {
    const outside = join(box.directory, 'outside');
    mkdirSync(outside);
    const bundle = box.bundle((config, made) => {
      symlinkSync(outside, join(made.rootfs, 'out'));
      config.linux.devices = [{ type: 'c', path: '/out/node', major: 1, minor: 3, fileMode: 0o666 }];
      config.process.args = ['true'];
    });
    await box.run(bundle);
    expect((await box.host(['ls', outside])).stdout).toBe('');
  });

  clause('ENG-016 the container may make nodes when it has CAP_MKNOD', async (box) => {
    const text = await box.output(['sh', '-c', 'mknod /tmp/n c 1 3 && echo x > /tmp/n && echo made'], (config) => {
      addCapabilities(config, 'CAP_MKNOD');
      config.linux.resources = { devices: [{ allow: false, access: 'rwm' }] };
    });
    expect(text).toBe('made\n');
  });

  // A default ACL takes bits from every new file, so that the mode has to be set again.
  for (const [kernel, through] of Object.entries({ 'this kernel': [], 'a kernel without fchmodat2': ['enosys=452'] })) {
    clause(
      `LNX-034 the mode of a device in a directory with a default ACL, on ${kernel}`,
      async (box) => {
        const bundle = box.bundle((config) => {
          config.linux.devices = [
            { type: 'c', path: '/data/null', major: 1, minor: 3, fileMode: 0o666 },
            { type: 'p', path: '/data/fifo', fileMode: 0o622 },
          ];
          config.process.args = ['stat', '-c', '%a', '/data/null', '/data/fifo'];
        });
        // u::rwx,g::r-x,o::r-x as acl(5) lays it out: tag, permissions and id of each entry.
        const entries = [1, 7, 4, 5, 32, 5].map((number) => `${number.toString(16).padStart(2, '0')}00`);
        const acl = `02000000${entries.map((word, index) => (index % 2 ? `${word}ffffffff` : word)).join('')}`;
        const script = 'import os, sys; os.setxattr(sys.argv[1], "system.posix_acl_default", bytes.fromhex(sys.argv[2]))';
        (await box.host(['/usr/bin/python3', '-c', script, join(bundle.rootfs, 'data'), acl])).ok();
        const launch = [box.suite.probe, 'launch', ...through, '--'];
        expect((await box.run(bundle, { through: launch })).ok().stdout).toBe('666\n622\n');
      },
      'probe',
    );
  }
});
