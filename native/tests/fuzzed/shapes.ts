/** What the addon's functions take and return, for calls that are made up; a function that is missing here is no valid TypeScript. */
import type { Addon } from '../../../src/native/addon.ts';

/** Of an argument. `signal`: one that does no harm; `children`: pids of what was started; the times are short. */
export type Kind =
  | 'path'
  | 'name'
  | 'text'
  | 'content'
  | 'bytes'
  | 'fd'
  | 'fds'
  | 'flags'
  | 'mode'
  | 'id'
  | 'child'
  | 'signal'
  | 'signals'
  | 'time'
  | 'size'
  | 'flag'
  | 'slots'
  | 'map'
  | 'never'
  | 'spawn'
  | 'run'
  | 'foreground';

/** Of a result. */
export type Result = 'nothing' | 'number' | 'fd' | 'text' | 'flag' | 'bytes' | 'object' | 'list' | 'fds';

interface Shape {
  readonly takes: readonly Kind[];
  readonly gives: Result;
  /** Whether it may give null. */
  readonly orNull?: true;
}

const shape = (takes: string, gives: Result = 'nothing'): Shape => ({ takes: takes.split(' ').filter(Boolean) as Kind[], gives });
const maybe = (takes: string, gives: Result): Shape => ({ ...shape(takes, gives), orNull: true });

export const shapes: { readonly [Name in keyof Addon]: Shape } = {
  spawnInit: shape('spawn', 'object'),
  receiveEvent: maybe('fd time', 'object'),
  answer: shape('fd slots fds'),
  pidfdOpen: shape('child', 'fd'),
  pidfdSendSignal: shape('fd signal'),
  endOf: maybe('fd', 'object'),
  kill: shape('child signal'),
  processGroup: shape('child', 'number'),
  waitPid: maybe('child flag', 'object'),
  waitUsage: maybe('child', 'object'),
  pollIn: shape('fds time', 'list'),
  runProcess: shape('run', 'object'),
  makeUserNamespace: shape('map map', 'fd'),
  ownsMountNamespace: shape('', 'flag'),
  mapTree: shape('fd fd flag'),
  startRecorder: shape('path', 'object'),
  setSubreaper: shape('flag', 'flag'),
  geteuid: shape('', 'number'),
  getegid: shape('', 'number'),
  getpid: shape('', 'number'),
  processStat: maybe('child', 'object'),
  nofileOf: shape('child', 'list'),
  exit: shape('never'),
  readFile: shape('path', 'text'),
  readFileIfThere: maybe('path', 'text'),
  readBytes: shape('path size', 'bytes'),
  readFd: shape('fd size', 'text'),
  readFdBytes: shape('fd size', 'bytes'),
  writeFile: shape('path content mode flag'),
  openOwnFile: shape('path mode', 'fd'),
  writeControl: shape('path text'),
  writeFd: shape('fd text'),
  replaceFile: shape('path content mode flag'),
  mkdir: shape('path mode'),
  rmdir: shape('path'),
  unlink: shape('path'),
  rename: shape('path path'),
  readDirectory: shape('path', 'list'),
  readBelow: shape('path name name', 'list'),
  writeBelow: shape('path name text'),
  removeDirectories: shape('path'),
  readLink: shape('path', 'text'),
  setAttribute: shape('path text text'),
  attribute: maybe('path text', 'text'),
  realPath: shape('path', 'text'),
  stat: maybe('path flag', 'object'),
  chown: shape('path id id'),
  chmod: shape('path mode'),
  mkfifo: shape('path mode'),
  unmount: shape('path flags'),
  open: shape('path flags mode', 'fd'),
  openDirectory: shape('path', 'fd'),
  openNoLink: shape('path', 'fd'),
  close: shape('fd'),
  lock: shape('fd flag time'),
  unlock: shape('fd'),
  leadsTo: shape('path fd', 'flag'),
  isTerminal: shape('fd', 'flag'),
  terminalSize: maybe('fd', 'object'),
  filesystemMagic: shape('path', 'number'),
  boundingCapabilities: shape('', 'object'),
  now: shape('', 'number'),
  monotonic: shape('', 'number'),
  loadedAt: shape('', 'number'),
  uname: shape('', 'object'),
  sendDescriptors: shape('path text fds'),
  connectStream: shape('path', 'fd'),
  sendBytes: shape('fd content'),
  receiveBytes: maybe('fd size', 'bytes'),
  bindDatagram: shape('path mode', 'fd'),
  receiveDatagram: maybe('fd size', 'text'),
  sendDatagram: shape('path text fds'),
  pipe: shape('', 'fds'),
  packetPair: shape('', 'fds'),
  receivePacket: maybe('fd size time', 'object'),
  holdSignals: shape('signals flag'),
  hurry: shape(''),
  giveStreams: shape('id fds'),
  waitingBytes: shape('fd', 'number'),
  setNonBlocking: shape('fd'),
  setWindowSize: shape('fd size size'),
  endOfInput: shape('fd flag', 'text'),
  foreground: shape('foreground', 'object'),
  drainForeground: shape('flag'),
  releaseForeground: shape(''),
  attachDeviceFilter: shape('path bytes'),
  pollChange: shape('fds fds time fds', 'list'),
  eventFd: shape('', 'fd'),
  takeEvents: shape('fd', 'number'),
  netDevice: shape('name', 'object'),
  moveNetDevice: shape('name name child', 'text'),
  returnNetDevice: shape('name name fd flag'),
};
