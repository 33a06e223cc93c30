/** Where buses listen ("Server Addresses" of the D-Bus Specification). */
import { BusError } from './error.ts';

function invalid(address: string, why: string): BusError {
  return new BusError('EINVAL', 'D-Bus address', `${JSON.stringify(address)} ${why}`);
}

function unescaped(value: string, address: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw invalid(address, 'has a malformed escape');
  }
}

function keysOf(address: string): ReadonlyMap<string, string> {
  const pairs = address
    .slice(address.indexOf(':') + 1)
    .split(',')
    .filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0) throw invalid(address, 'has a key without a value');
      return [pair.slice(0, equals), unescaped(pair.slice(equals + 1), address)];
    }),
  );
}

/** The socket of one address; none when the address is of another transport than unix sockets with a name. */
function socketOf(address: string): readonly string[] {
  if (!address.includes(':')) throw invalid(address, 'has no transport');
  if (!address.startsWith('unix:')) return [];
  const keys = keysOf(address);
  const [path, abstract] = [keys.get('path'), keys.get('abstract')];
  if (path !== undefined && abstract !== undefined) throw invalid(address, 'has both path and abstract');
  if (abstract !== undefined) return [`@${abstract}`];
  if (path === undefined) return [];
  if (!path.startsWith('/')) throw invalid(address, 'has a path that is not absolute');
  return [path];
}

/**
 * The unix sockets of a list of addresses "unix:path=/a;unix:abstract=b,guid=…", in its order; "@" begins the names of the abstract namespace.
 * @throws BusError EINVAL; EADDRNOTAVAIL when no address is of a unix socket
 */
export function socketsOf(addresses: string): string[] {
  const sockets = addresses
    .split(';')
    .filter((address) => address !== '')
    .flatMap(socketOf);
  if (sockets.length === 0) throw new BusError('EADDRNOTAVAIL', 'D-Bus address', `no unix socket in ${JSON.stringify(addresses)}`);
  return sockets;
}

/** A socket at which systemd can be reached. */
export interface Endpoint {
  /** Its path, or "@" and its name in the abstract namespace. */
  readonly socket: string;
  /** Whether a message bus listens; else it is systemd itself, which wants no Hello and sends its signals unasked. */
  readonly isBus: boolean;
}

/**
 * Where the manager may be, in the order to try: as sd_bus_open_system(3) and sd_bus_open_user(3) have it, then systemd's own socket.
 * @param isRoot whether systemd would talk to the caller on the system manager's own socket
 * @throws BusError EINVAL, EADDRNOTAVAIL; ENOMEDIUM when nothing tells where the user's is
 */
export function endpoints(user: boolean, environment: Readonly<Record<string, string | undefined>>, isRoot: boolean): Endpoint[] {
  const bus = (socket: string): Endpoint => ({ socket, isBus: true });
  const given = environment[user ? 'DBUS_SESSION_BUS_ADDRESS' : 'DBUS_SYSTEM_BUS_ADDRESS'];
  if (given) return socketsOf(given).map(bus);
  if (!user) return [bus('/run/dbus/system_bus_socket'), ...(isRoot ? [{ socket: '/run/systemd/private', isBus: false }] : [])];
  const directory = environment['XDG_RUNTIME_DIR'];
  if (!directory) throw new BusError('ENOMEDIUM', 'connect', 'neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set');
  return [bus(`${directory}/bus`), { socket: `${directory}/systemd/private`, isBus: false }];
}
