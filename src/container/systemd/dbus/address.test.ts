import { describe, expect, test } from 'vitest';
import { endpoints, socketsOf } from './address.ts';

describe('addresses', () => {
  test.each([
    ['unix:path=/run/dbus/system_bus_socket', ['/run/dbus/system_bus_socket']],
    ['unix:path=/tmp/a%20b%C3%A4%3B,guid=0123', ['/tmp/a bä;']],
    ['unix:abstract=/tmp/x,guid=1', ['@/tmp/x']],
    ['unix:guid=1,path=/a;tcp:host=localhost,port=1;;unix:tmpdir=/tmp;unix:path=/b;', ['/a', '/b']],
  ])('%s', (addresses, sockets) => {
    expect(socketsOf(addresses)).toEqual(sockets);
  });

  test.each([
    ['tcp:host=localhost', 'EADDRNOTAVAIL', 'no unix socket'],
    [';', 'EADDRNOTAVAIL', 'no unix socket'],
    ['/run/bus', 'EINVAL', 'has no transport'],
    ['unix:path', 'EINVAL', 'has a key without a value'],
    ['unix:path=/a%2', 'EINVAL', 'has a malformed escape'],
    ['unix:path=/a%ff', 'EINVAL', 'has a malformed escape'],
    ['unix:path=@a', 'EINVAL', 'not absolute'],
    ['unix:path=/a,abstract=b', 'EINVAL', 'both path and abstract'],
  ])('%s is refused', (addresses, code, why) => {
    expect(() => socketsOf(addresses)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(why) }));
  });
});

describe('where the manager is', () => {
  const bus = (socket: string) => ({ socket, isBus: true });
  const own = (socket: string) => ({ socket, isBus: false });
  const environment = { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/a', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/b', XDG_RUNTIME_DIR: '/run/user/1' };

  test.each([
    ['the system', false, {}, true, [bus('/run/dbus/system_bus_socket'), own('/run/systemd/private')]],
    ['the system, without privileges', false, {}, false, [bus('/run/dbus/system_bus_socket')]],
    ['the system, by address', false, environment, true, [bus('/a')]],
    ['the user', true, { XDG_RUNTIME_DIR: '/x', DBUS_SESSION_BUS_ADDRESS: '' }, false, [bus('/x/bus'), own('/x/systemd/private')]],
    ['the user, by address', true, environment, false, [bus('/b')]],
  ])('%s', (_, user, variables, isRoot, expected) => {
    expect(endpoints(user, variables, isRoot)).toEqual(expected);
  });

  test('nothing tells where the user has it', () => {
    expect(() => endpoints(true, {}, false)).toThrow(expect.objectContaining({ code: 'ENOMEDIUM' }));
  });
});
