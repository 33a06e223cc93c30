import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';

describe('what is no business of the runtime', () => {
  clause(
    'LNX-057 besides moved devices the network stays as the kernel makes it: no device, address, route or resolver is added',
    async (box) => {
      const bundle = box.bundle((config) => {
        set(config, '/linux/netDevices', { veth9: {} });
        config.process.args = ['sh', '-c', 'ip -o link; ip -o -4 addr; ip route; cat /etc/resolv.conf'];
      });
      bundle.put('/etc/resolv.conf', 'nameserver 192.0.2.1\n');
      const through = ['unshare', '--net', 'sh', '-c', 'ip link add veth9 type veth peer name peer9 && exec "$@"', 'sh'];
      const text = (await box.run(bundle, { through })).ok().stdout;
      const lines = text.trim().split('\n');
      expect(lines.filter((line) => line.includes('link/')).map((line) => /: ([^:@]*)/.exec(line)?.[1])).toEqual(['lo', 'veth9']);
      expect(lines.filter((line) => line.includes('inet ')).every((line) => line.includes(' 127.0.0.1/8 '))).toBe(true);
      expect(lines.filter((line) => / dev /.test(line))).toEqual([]);
      expect(lines.at(-1)).toBe('nameserver 192.0.2.1');
    },
    'runts',
    '/usr/sbin/ip',
  );
});
