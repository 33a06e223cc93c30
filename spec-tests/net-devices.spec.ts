import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, set, setNamespace } from './harness/config.ts';

// runc knows netDevices since 1.4, crun 1.8.1 does not. Everything happens in a network namespace that the test makes: `ip` is iproute2's.
const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts', '/usr/sbin/ip');

type NetDevices = Record<string, { name?: string }>;

function bundleWith(box: Box, devices: NetDevices, script: string, change: (config: Config, bundle: Bundle) => void = () => {}): Bundle {
  return box.bundle((config, bundle) => {
    setNamespace(config, 'network');
    set(config, '/linux/netDevices', devices);
    config.process.args = ['sh', '-c', script];
    config.process.capabilities = { bounding: ['CAP_NET_ADMIN'], effective: ['CAP_NET_ADMIN'], permitted: ['CAP_NET_ADMIN'] };
    change(config, bundle);
  });
}

/** Runs a container by a runtime whose network namespace was prepared by `before`; `after` looks at it when the container has gone. */
function runIn(box: Box, bundle: Bundle, before: string, after = 'true') {
  const script = `${before} && { "$@"; status=$?; ${after}; exit $status; }`;
  return box.run(bundle, { through: ['unshare', '--net', 'sh', '-c', script, 'sh'] });
}

const veth = 'ip link add veth0 type veth peer name peer0';
const addresses = 'ip addr add 10.9.0.1/24 brd 10.9.0.255 dev veth0 && ip -6 addr add fd09::1/64 dev veth0 nodad';

describe('network devices', () => {
  clause('LNX-047 LNX-052 LNX-053 LNX-054 a device is moved with its MTU, MAC and addresses, and is up', async (box) => {
    const bundle = bundleWith(box, { veth0: {} }, 'ip addr show veth0');
    const before = `${veth} && ${addresses} && ip link set veth0 mtu 1400 address 02:00:00:00:00:09`;
    const result = (await runIn(box, bundle, before, '! ip link show veth0 2>/dev/null')).ok();
    expect(result.stdout).toMatch(/<[^>]*\bUP\b[^>]*> mtu 1400/);
    expect(result.stdout).toMatch(/link\/ether 02:00:00:00:00:09/);
    expect(result.stdout).toMatch(/inet 10\.9\.0\.1\/24 brd 10\.9\.0\.255/);
    expect(result.stdout).toMatch(/inet6 fd09::1\/64/);
  });

  clause('LNX-053 addresses of link scope stay behind', async (box) => {
    const bundle = bundleWith(box, { veth0: {} }, 'ip addr show veth0');
    const result = (await runIn(box, bundle, `${veth} && ip addr add 169.254.9.9/16 scope link dev veth0 && ${addresses}`)).ok();
    expect(result.stdout).not.toMatch(/169\.254\.9\.9/);
    expect(result.stdout).toMatch(/10\.9\.0\.1/);
  });

  clause('LNX-048 a device gets another name', async (box) => {
    const bundle = bundleWith(box, { veth0: { name: 'data0' } }, 'ip addr show data0; ip link show veth0');
    const result = await runIn(box, bundle, `${veth} && ${addresses}`);
    expect(result.stdout).toMatch(/data0/);
    expect(result.stdout).toMatch(/10\.9\.0\.1/);
    expect(result.status).not.toBe(0);
  });

  clause("LNX-047 a device stays as it is when the path is that of the runtime's own network namespace", async (box) => {
    const bundle = bundleWith(box, { veth0: { name: 'data0' } }, 'true', (config) => {
      setNamespace(config, 'network', '/proc/self/ns/net');
      config.mounts = config.mounts.filter(({ type }) => type !== 'sysfs');
    });
    const result = await runIn(box, bundle, veth, 'ip -o link show veth0');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('unable to move network devices without a private NET namespace');
    expect(result.stdout).toMatch(/veth0.*state DOWN/);
  });

  clause('LNX-051 %d is numbered by the kernel, twice', async (box) => {
    const bundle = bundleWith(box, { veth0: { name: 'eth%d' }, peer0: { name: 'eth%d' } }, 'ip -o addr');
    const { stdout } = (await runIn(box, bundle, `${veth} && ${addresses} && ip addr add 10.8.0.1/24 dev peer0`)).ok();
    expect(stdout).toMatch(/eth0\s+inet 10\.9\.0\.1/);
    expect(stdout).toMatch(/eth1\s+inet 10\.8\.0\.1/);
  });

  clause('LNX-049 a device that is missing is an error, and the others stay as they were', async (box) => {
    const bundle = bundleWith(box, { veth0: {}, nosuch0: {} }, 'true');
    const result = await runIn(box, bundle, `${veth} && ${addresses}`, 'ip addr show veth0');
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/nosuch0/);
    expect(result.stdout).toMatch(/10\.9\.0\.1\/24/);
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-049 a device that cannot be moved is an error, and those before it are moved back', async (box) => {
    // The loopback device belongs to its namespace for good.
    const bundle = bundleWith(box, { veth0: { name: 'first' }, lo: { name: 'second' } }, 'true');
    const before = `${veth} && ${addresses} && ip link set veth0 up`;
    const result = await runIn(box, bundle, before, 'ip addr show veth0');
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/network device lo/);
    expect(result.stdout).toMatch(/<[^>]*\bUP\b/);
    expect(result.stdout).toMatch(/inet 10\.9\.0\.1\/24/);
    expect(result.stdout).toMatch(/inet6 fd09::1\/64/);
    expect(box.leftovers()).toEqual([]);
  });

  clause('LNX-049 a create that fails later gives the device back, down as it was', async (box) => {
    const bundle = bundleWith(box, { veth0: { name: 'eth0' } }, 'true', (config) => {
      config.mounts.push({ destination: '/data', source: '/no/such/source', options: ['bind'] });
    });
    const result = await runIn(box, bundle, `${veth} && ip addr add 10.9.0.1/24 dev veth0`, 'ip addr show veth0');
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/no\/such\/source/);
    expect(result.stdout).toMatch(/10\.9\.0\.1\/24/);
    expect(result.stdout).not.toMatch(/<[^>]*\bUP\b/);
  });

  clause('LNX-049 a device that is given back is not taken for one that somebody else makes meanwhile', async (box) => {
    // Numbers below its own, so that the kernel tells of the others first.
    const others = 'i=100000; while echo "link add other$i index $i type veth peer name peer$i"; do i=$((i + 1)); done 2>/dev/null';
    const mine = 'ip link add mine index 500000 type veth peer name yours && ip addr add 10.9.0.1/24 dev mine';
    const before = `${mine} && { ${others} | ip -batch - & } && until ip link show other100000 >/dev/null 2>&1; do :; done`;
    const bundle = bundleWith(box, { mine: { name: 'eth0' } }, 'true', (config) => {
      config.mounts.push({ destination: '/data', source: '/no/such/source', options: ['bind'] });
    });
    const after = 'kill $!; wait; ip -o -4 addr; echo; ip -o link show up';
    const result = await runIn(box, bundle, before, after);
    expect(result.status).toBe(1);
    expect(result.stdout).toContain('500000: mine    inet 10.9.0.1/24');
    expect(result.stdout).not.toMatch(/other\d/);
  });

  clause('LNX-050 a name that is taken in the container is an error, and nothing is moved', async (box) => {
    const bundle = bundleWith(box, { veth0: { name: 'lo' } }, 'true');
    const result = await runIn(box, bundle, `${veth} && ${addresses}`, 'ip addr show veth0');
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/exists/);
    expect(result.stdout).toMatch(/10\.9\.0\.1\/24/);
  });

  clause('LNX-055 LNX-056 an address that the container deletes stays deleted; a virtual device ends with the namespace', async (box) => {
    const bundle = bundleWith(box, { veth0: {} }, 'ip addr del 10.9.0.1/24 dev veth0; ip addr show veth0');
    const result = await runIn(box, bundle, `${veth} && ${addresses}`, 'while ip link show peer0 >/dev/null 2>&1; do :; done; ip -o link');
    expect(result.stdout).not.toMatch(/10\.9\.0\.1/);
    expect(result.stdout.split('\n').filter((line) => /veth0|peer0/.test(line))).toHaveLength(1);
  });

  for (const [what, devices] of Object.entries({
    'an empty name': { '': {} },
    'a name with a slash': { 'a/b': {} },
    'a name of 16 characters': { veth0: { name: 'abcdefghijklmnop' } },
    'a percent sign that is no template': { veth0: { name: 'eth%s' } },
    'two devices with one name': { veth0: { name: 'x' }, peer0: { name: 'x' } },
  })) {
    clause(`LNX-047 LNX-048 ${what} is refused`, async (box) => {
      const result = await runIn(box, bundleWith(box, devices, 'true'), veth, 'ip -o link');
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/network device/);
      expect(result.stdout).toMatch(/veth0/);
    });
  }

  clause('LNX-047 devices without an own network namespace are refused', async (box) => {
    const bundle = bundleWith(box, { veth0: {} }, 'true', (config) => {
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
    });
    expect((await runIn(box, bundle, veth)).status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });
});
