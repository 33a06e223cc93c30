import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { pathFindings, runtimeFindings } from './path-calls.ts';

const anywhere = 'native/init/anywhere.cc';

test.each([
  'long fd = sys::openat(AT_FDCWD, path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);',
  'long fd = sys::openat(directory, name.c_str(), O_PATH | O_CLOEXEC);',
  'sys::openat2(root, path, &how);',
  'sys::mount("tmpfs", target.c_str(), "tmpfs", 0, nullptr);',
  'sys::mount(source.c_str(), ".", nullptr, MS_BIND, nullptr);',
  'sys::mkdirat(AT_FDCWD, path, 0755);',
  'sys::statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status);',
  'sys::fchownat(parent, name, uid, gid, 0);',
  'sys::fchmodat(parent, name, 0644);',
  'sys::open_tree(AT_FDCWD, destination(op), OPEN_TREE_CLONE);',
  'sys::move_mount(tree, "", AT_FDCWD, path.c_str(), MOVE_MOUNT_F_EMPTY_PATH);',
  'sys::linkat(from, "a", to, name, 0);',
  'sys::call(__NR_statfs, path, &filesystem);',
  'sys::call(__NR_open, "/etc/passwd", 0);',
  'sys::call(__NR_rename, "a", "b");',
  'sys::chdir(op.cwd.c_str());',
])('%s is found outside path.cc', (line) => {
  const text = `/* sys::openat(a, b, c) */\n${line}\n`;
  expect(pathFindings(anywhere, text)).toEqual([expect.stringMatching(/^native\/init\/anywhere\.cc:2: \w+\(/)]);
  expect(pathFindings('native/init/path.cc', text)).toEqual([]);
});

test.each([
  'sys::openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);',
  'sys::openat(parent, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);',
  'sys::mknodat(parent.get(), name.c_str(), op.type | op.mode, device_number(op.major, op.minor));',
  'sys::symlinkat(target.c_str(), parent.get(), name.c_str());',
  'sys::fchownat(fd, "", uid, gid, AT_EMPTY_PATH);',
  'sys::mount(nullptr, ".", nullptr, MS_SLAVE | MS_REC, nullptr);',
  'sys::move_mount(tree, "", destination, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);',
  'sys::write(fd, text.data, text.size);',
  '// sys::chdir(path);',
])('%s is not', (line) => {
  expect(pathFindings(anywhere, line)).toEqual([]);
});

test('an exception holds for the file and the words that it names', () => {
  const call = 'sys::open_tree(AT_FDCWD, op.source.c_str(),\n                 flags);';
  const used = new Set<string>();
  expect(pathFindings('native/init/trees.cc', call, used)).toEqual([]);
  expect([...used]).toEqual(['native/init/trees.cc open_tree(AT_FDCWD, op.source.c_str(), flags)']);
  expect(pathFindings('native/init/masks.cc', call)).toHaveLength(1);
  expect(pathFindings('native/init/trees.cc', call.replace('source', 'destination'))).toHaveLength(1);
});

test('the runtime takes paths in the files and by the functions that are listed', () => {
  expect(runtimeFindings('native/addon/anywhere.cc', '::open(path.c_str(), O_RDONLY);\nmkdir(name, 0755);')).toEqual([
    expect.stringMatching(/^native\/addon\/anywhere\.cc:1: open/),
    expect.stringMatching(/^native\/addon\/anywhere\.cc:2: mkdir/),
  ]);
  expect(runtimeFindings('native/addon/lock.cc', '::lstat(path.c_str(), &there);')).toEqual([]);
  expect(runtimeFindings('native/addon/lock.cc', '::open(path.c_str(), O_RDONLY);')).toHaveLength(1);
  expect(runtimeFindings('native/addon/anywhere.cc', '::open("/dev/null", O_RDWR); files.open(path); link(index);')).toEqual([]);
});

test('a call that is put into a file of init is found there', () => {
  const path = 'native/init/masks.cc';
  const text = readFileSync(join(dirname(import.meta.dirname), path), 'utf8');
  expect(pathFindings(path, text)).toEqual([]);
  const worse = text.replace('Fd tree;', 'Fd tree;\n  sys::openat(AT_FDCWD, op.path.c_str(), O_PATH);');
  expect(pathFindings(path, worse)).toHaveLength(1);
});
