import { expect, test } from 'vitest';
import { restoringWrites } from './restore.ts';

const disk = '8:0 rbps=max wbps=1000 riops=max wiops=max';

test.each([
  ['pids.max', '5', 'max\n', ['max']],
  ['cpu.max', '1000 2000', 'max 100000\n', ['max 100000']],
  ['cpuset.cpus', '0', '\n', ['\n']],
  ['memory.limit_in_bytes', '4096', '9223372036854771712\n', ['9223372036854771712']],
  ['memory.oom_control', '1', 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n', ['0']],
  ['blkio.throttle.read_bps_device', '8:0 5', '8:0 77\n8:16 1\n', ['8:0 77']],
  ['blkio.throttle.read_bps_device', '8:0 5', '', ['8:0 0']],
  ['blkio.throttle.read_bps_device', '8:0 5', '8:01 9\n', ['8:0 0']],
  ['blkio.bfq.weight', '200', '100\n', ['100']],
  ['blkio.bfq.weight_device', '8:0 200', '100\n', ['8:0 default']],
  ['io.max', '8:0 rbps=1', `${disk}\n`, [disk]],
  ['io.max', '8:0 rbps=1', '', ['8:0 rbps=max wbps=max riops=max wiops=max']],
  ['io.weight', '300', 'default 100\n8:0 50\n', ['default 100']],
  ['io.bfq.weight', '8:0 300', 'default 100\n8:0 50\n', ['8:0 50']],
  ['io.bfq.weight', '8:0 300', 'default 100\n', ['8:0 default']],
  ['rdma.max', 'mlx hca_handle=2', 'mlx hca_handle=1 hca_object=max\n', ['mlx hca_handle=1 hca_object=max']],
  ['net_prio.ifpriomap', 'lo 3', 'lo 0\neth0 1\n', ['lo 0']],
])('%s after %j: %j', (file, written, before, expected) => {
  expect(restoringWrites(file, written, before)).toEqual(expected);
});
