import { loadAddon } from './load.ts';
import type { TerminalCalls } from './terminal-calls.ts';

/** One message of init (see eventKinds in plan/wire/messages.ts). */
export interface InitEvent {
  readonly kind: number;
  readonly step: number;
  readonly errno: number;
  readonly value: number;
  /** Parts of the text, split at NUL: syscall name, then detail. */
  readonly text: readonly string[];
  /** Received descriptors, close-on-exec. */
  readonly fds: readonly number[];
}

export interface ProcessResult {
  /** Exit status, or -1 when killed by a signal. */
  readonly status: number;
  /** Signal number, or 0. */
  readonly signal: number;
  readonly timedOut: boolean;
  /** stdout and stderr, mixed, at most `mostOutput` bytes. */
  readonly output: string;
}

/**
 * The kernel, as synchronous calls. Everything throws SystemError unless said otherwise; every fd is made close-on-exec.
 * No call decides anything: paths, flags, modes and limits come from the caller.
 */
export interface Addon extends TerminalCalls {
  // --- init -------------------------------------------------------------------------------------------------
  /**
   * Starts the embedded init from its sealed memfd by clone(CLONE_VM|CLONE_VFORK), all signals at default, no signal blocked.
   * Its fds: 0-2 from `stdio`, 3..3+preserve-1 passed through from the caller, then the event socket and the plan memfd, nothing else.
   * `nofile` (soft, hard) restores the caller's RLIMIT_NOFILE that the JavaScript engine raised.
   * @returns the intermediate's pid and this side of the SOCK_SEQPACKET event socket
   */
  spawnInit(request: {
    readonly plan: Uint8Array;
    readonly stdio: readonly [number, number, number];
    /** The engine has marked every descriptor close-on-exec; else what is marked among `stdio` is not the caller's: EBADF. */
    readonly marked: boolean;
    /**
     * Gives the process pipes in place of `stdio`, but for null devices; two outputs that are one open file share one. The `foreground`
     * that follows copies between them and fds 0-2.
     */
    readonly piped: boolean;
    readonly preserve: number;
    readonly nofile?: readonly [bigint, bigint];
    /** Descriptor of a cgroup v2 directory to start in (CLONE_INTO_CGROUP); absent or -1: the caller's. */
    readonly cgroup?: number;
    /** Descriptor of a pid namespace below our own to be born in; absent or -1: the caller's. */
    readonly pidNamespace?: number;
  }): { readonly pid: number; readonly socket: number };
  /** Waits for the next event; null at end of file; throws ETIMEDOUT after timeoutMs (-1 = 5 s of a socket of spawnInit). */
  receiveEvent(socket: number, timeoutMs: number): InitEvent | null;
  /** Answers a sync point; `slots[i]` is where init keeps `fds[i]`. */
  answer(socket: number, slots: readonly number[], fds: readonly number[]): void;

  // --- processes --------------------------------------------------------------------------------------------
  /** pidfd_open(2); ESRCH on every kernel when there is no such process, also when its number is still that of a session or a thread. */
  pidfdOpen(pid: number): number;
  pidfdSendSignal(pidfd: number, signal: number): void;
  /** How the process of a pidfd has ended; null until it is reaped, for what is no pidfd, and before Linux 6.15 (PIDFD_GET_INFO). */
  endOf(pidfd: number): { readonly status: number; readonly signal: number } | null;
  /** kill(2); 0 and -1, which reach others than one process or group, are EINVAL. */
  kill(pid: number, signal: number): void;
  /** getpgid(2); 0 is this process. */
  processGroup(pid: number): number;
  /** waitpid of a child: {status, signal}; with `noHang` null when it still runs, else ETIMEDOUT after 10 s. For a child that is about to end. */
  waitPid(pid: number, noHang: boolean): { readonly status: number; readonly signal: number } | null;
  /** wait4(2) of a child that may have ended, with what it and the children that it has waited for have used; null when it still runs. Times in µs, sizes in bytes. */
  waitUsage(
    pid: number,
  ): Readonly<Record<'status' | 'signal' | 'userTime' | 'systemTime' | 'peakMemory' | 'readBytes' | 'writtenBytes', number>> | null;
  /** poll(2) for POLLIN: indexes of the ready fds (hang-up counts), empty on timeout. */
  pollIn(fds: readonly number[], timeoutMs: number): number[];
  /** Runs a program in a process group of its own (execve, no search, no shell), feeds stdin, collects output; SIGKILL for its whole process group after timeoutMs (0 = none). Default signals. EPIPE on stdin is no error. Descendants that it leaves running are not waited for. It is killed when this thread ends. `onStarted` gets its pid once it runs; what that throws ends it. */
  runProcess(request: {
    readonly path: string;
    readonly args: readonly string[];
    readonly env: readonly string[];
    /** Gives it the variables of this process as well, byte for byte, but for those that `env` sets anew. */
    readonly inherits: boolean;
    readonly cwd: string;
    readonly stdin: string;
    readonly timeoutMs: number;
    /** Of more output than `mostOutput` the end is collected instead of the beginning. */
    readonly keepsEnd: boolean;
    /** Bytes; 64 KiB when it is absent. */
    readonly mostOutput?: number;
    readonly onStarted?: (pid: number) => void;
  }): ProcessResult;
  /**
   * A user namespace with these lines for uid_map and gid_map (user_namespaces(7)), alive by its descriptor alone: for mount_setattr(2).
   * @returns the descriptor
   */
  makeUserNamespace(uidMap: string, gidMap: string): number;
  /** Whether our mount namespace belongs to our user namespace, or to one below it; else nothing may be cloned from it or mounted in it. */
  ownsMountNamespace(): boolean;
  /** mount_setattr(2) with MOUNT_ATTR_IDMAP on a detached mount, which may be that of another process. */
  mapTree(tree: number, userNamespace: number, recursive: boolean): void;
  /**
   * Starts a process, a child, that traces others (PTRACE_SEIZE) and notes the calls for which a filter says SECCOMP_RET_TRACE, each once. It is
   * asked by `socket` and by connections to a unix stream socket at `door`: an int32 in the machine's order names a process, and is answered
   * by an errno or 0. By `socket` 0 ends it; the answer is a u32, 1 when there were more calls than it notes (4096), and two u32 for each
   * call, AUDIT_ARCH_* and number. It ends with `socket`, too, and whatever end it finds is that of all whom it traces.
   */
  startRecorder(door: string): { readonly pid: number; readonly socket: number };
  /** PR_SET_CHILD_SUBREAPER. @returns what it was before */
  setSubreaper(on: boolean): boolean;
  geteuid(): number;
  getegid(): number;
  getpid(): number;
  /** Field 22 of /proc/PID/stat (clock ticks since boot) and the state letter; null when there is no such process. */
  processStat(pid: number): { readonly startTime: bigint; readonly state: string } | null;
  /** prlimit(2) of RLIMIT_NOFILE of another process. */
  nofileOf(pid: number): [bigint, bigint];
  /** _exit(2): nothing is flushed. */
  exit(status: number): never;

  // --- files ------------------------------------------------------------------------------------------------
  readFile(path: string): string;
  /** null when the file is not there or does not apply (ENOENT, ENOTDIR, ENODEV, EOPNOTSUPP). */
  readFileIfThere(path: string): string | null;
  /** Whole file as bytes; `limit` bytes at the most (EFBIG beyond). */
  readBytes(path: string, limit: number): Uint8Array;
  /** Up to the end of the file; waits on a non-blocking fd. */
  readFd(fd: number, limit: number): string;
  readFdBytes(fd: number, limit: number): Uint8Array;
  /** open(O_WRONLY|O_CREAT|O_TRUNC) + write, or with `append` O_APPEND. */
  writeFile(path: string, content: string | Uint8Array, mode: number, append?: boolean): void;
  /** A new or emptied file to write to. What is there already must be a regular file of this user with one name (EEXIST), no symlink (ELOOP). */
  openOwnFile(path: string, mode: number): number;
  /** One write(2) to an existing file (cgroup, proc): no O_CREAT, no O_TRUNC. */
  writeControl(path: string, content: string): void;
  writeFd(fd: number, content: string): void;
  /** Temporary name in the same folder, O_EXCL, then rename(2). With `durable` fsync(2) of the file before and of the folder after that. */
  replaceFile(path: string, content: string | Uint8Array, mode: number, durable?: boolean): void;
  mkdir(path: string, mode: number): void;
  rmdir(path: string): void;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  readDirectory(path: string): { readonly name: string; readonly directory: boolean }[];
  /** Content of the file `name` of a directory and of every one below it, where it is there (as readFileIfThere has it); of none when there is no such directory. Any depth, any names. The file `instead` where the other is not. */
  readBelow(path: string, name: string, instead?: string): string[];
  /** Writes `content`, a line, to the same files where they hold anything else, the upper ones first. */
  writeBelow(path: string, name: string, content: string): void;
  /** Removes a directory and every one below it, none of which holds anything else; it may be gone. */
  removeDirectories(path: string): void;
  readLink(path: string): string;
  /** setxattr(2). */
  setAttribute(path: string, name: string, value: string): void;
  /** getxattr(2), as UTF-8; null when there is none, or the file is not there. */
  attribute(path: string, name: string): string | null;
  realPath(path: string): string;
  /** null when it does not exist (ENOENT, ENOTDIR). `type`: 'file' | 'directory' | 'fifo' | 'socket' | 'device' | 'link' (lstat); `mode`: permission bits (07777). */
  stat(
    path: string,
    follow: boolean,
  ): { readonly type: string; readonly mode: number; readonly uid: number; readonly gid: number; readonly rdev: number } | null;
  chown(path: string, uid: number, gid: number): void;
  chmod(path: string, mode: number): void;
  mkfifo(path: string, mode: number): void;
  /** umount2(2). */
  unmount(path: string, flags: number): void;
  open(path: string, flags: number, mode: number): number;
  /** open(O_RDONLY|O_DIRECTORY): ENOTDIR for anything else. */
  openDirectory(path: string): number;
  /** open(O_RDONLY|O_NOFOLLOW): ELOOP for a symlink. */
  openNoLink(path: string): number;
  close(fd: number): void;
  /** flock(2) LOCK_EX (or LOCK_SH); waits at most timeoutMs (ETIMEDOUT), -1 = as long as it takes. */
  lock(fd: number, exclusive: boolean, timeoutMs: number): void;
  unlock(fd: number): void;
  /** Whether the path, not followed if it is a link, leads to the file that is open as `fd`, and not to another of that name or to none. */
  leadsTo(path: string, fd: number): boolean;
  /** statfs(2) f_type. */
  filesystemMagic(path: string): number;
  /** The capability bounding set as a mask, and the last capability that the kernel knows (prctl(2), PR_CAPBSET_READ). */
  boundingCapabilities(): { readonly held: bigint; readonly last: number };
  /** CLOCK_REALTIME in microseconds. */
  now(): number;
  /** CLOCK_MONOTONIC in milliseconds. */
  monotonic(): number;
  /** When the addon was loaded, by the same clock: in the executable, when it began. */
  loadedAt(): number;
  /** uname(2); `machine` is what the addon is compiled for. */
  uname(): { readonly release: string; readonly machine: string };

  // --- sockets, terminals -----------------------------------------------------------------------------------
  /** Connects to a unix stream socket and sends one message `text` with fds by SCM_RIGHTS. Paths above 107 bytes work. A listener that takes nothing for 10 s is EAGAIN. */
  sendDescriptors(socketPath: string, text: string, fds: readonly number[]): void;
  /** Connects to a unix stream socket; a leading "@" means the abstract namespace. A listener that takes nothing for 10 s is EAGAIN, also when it is written to. */
  connectStream(path: string): number;
  /** Everything, to a stream; no SIGPIPE. */
  sendBytes(fd: number, bytes: Uint8Array): void;
  /** What a stream has waiting, at most `limit` bytes; none at its end, null when nothing waits. */
  receiveBytes(fd: number, limit: number): Uint8Array | null;
  /** A unix datagram socket at `path`, with this mode. */
  bindDatagram(path: string, mode: number): number;
  /** One waiting datagram, cut off after `limit` bytes; null when there is none. */
  receiveDatagram(fd: number, limit: number): string | null;
  /** Sends one datagram to a unix socket; a leading "@" means the abstract namespace. */
  sendDatagram(path: string, text: string, fds: readonly number[]): void;
  /** Read end and write end. */
  pipe(): [number, number];
  setNonBlocking(fd: number): void;
  /** Bytes that wait in a pipe or terminal (FIONREAD). */
  waitingBytes(fd: number): number;
  /** Both ends of a SOCK_SEQPACKET connection; who asks the far end for its peer (SO_PEERCRED) is told of this process. */
  packetPair(): [number, number];
  /**
   * Waits for one packet of at most `limit` bytes; null at the end of the connection; throws ETIMEDOUT after timeoutMs (-1 = never). The
   * descriptors that came with it are the caller's.
   */
  receivePacket(socket: number, limit: number, timeoutMs: number): { readonly bytes: Uint8Array; readonly fds: readonly number[] } | null;
  /** Catches signals from now on, for the `foreground` that follows: one that comes before it is forwarded then. EBUSY when signals are caught already. */
  holdSignals(signals: readonly number[], terminal: boolean): void;
  /**
   * SCHED_FIFO, where that is allowed, until the process of the `foreground` that follows has ended, or `releaseForeground`: whoever removes
   * the files of `changing` when they change cannot do so before they are read.
   */
  hurry(): void;
  /**
   * fchown(2) of the fifos and sockets among `streams`; without any, of the pipes of the foreground that is to come. What refuses with EPERM,
   * EROFS or EINVAL stays as it is.
   */
  giveStreams(uid: number, streams: readonly number[]): void;
  /**
   * Foreground: forwards `signals` to `pidfd`, waits for it to end, copies between fds 0-2 and the pipes of `spawnInit`, or between the
   * caller's terminal (fds 0/1) and `console` (-1: none) in raw mode, with back-pressure, follows SIGWINCH. A reader that is gone is gone
   * for the process, too. SIGTSTP among `signals` also stops this process; SIGCHLD is not forwarded: every other child that ends is reaped.
   * Meanwhile `onReadable` is called whenever `watched` has something to read, until it returns false. `onChange` gets the contents of
   * `changing` (up to three kernfs files, -1: none) whenever one that notifies has changed, and as soon as the process has ended, before
   * anything else is waited for; "" of one that cannot be read any more.
   * Afterwards come `drainForeground` and `releaseForeground`.
   * @returns what waitpid said of `pid`
   */
  foreground(request: {
    readonly pid: number;
    readonly pidfd: number;
    readonly console: number;
    readonly signals: readonly number[];
    readonly watched?: number;
    readonly onReadable?: () => boolean;
    readonly changing?: readonly number[];
    readonly onChange?: (...contents: string[]) => void;
  }): {
    readonly status: number;
    readonly signal: number;
  };
  /**
   * Copies what the ended process has left in its pipes or console, however slow the reader. Others that hold them open are waited for when
   * `patient`; else, and for a console always, until 100 ms of silence or 1 s have passed. SIGHUP, SIGINT, SIGQUIT and SIGTERM end it.
   */
  drainForeground(patient: boolean): void;
  /** Restores the terminal, closes the pipes, catches no signals any more; also for a foreground that never came. */
  releaseForeground(): void;

  // --- cgroup v2 devices ------------------------------------------------------------------------------------
  /** Loads a BPF_PROG_TYPE_CGROUP_DEVICE program and attaches it (BPF_F_ALLOW_MULTI), replacing those in place. */
  attachDeviceFilter(cgroupPath: string, program: Uint8Array): void;

  // --- watching cgroups -------------------------------------------------------------------------------------
  /** poll(2) for POLLIN, for POLLPRI (of kernfs files that notify), and for POLLOUT: indexes into the lists, one after the other, empty on timeout. */
  pollChange(readable: readonly number[], files: readonly number[], timeoutMs: number, writable?: readonly number[]): number[];
  /** eventfd(2), non-blocking. */
  eventFd(): number;
  /** Takes the count of an eventfd; 0 when nothing has happened. */
  takeEvents(fd: number): number;

  // --- network devices --------------------------------------------------------------------------------------
  /** A network interface of the runtime's network namespace: its number and whether it is up. ENODEV when there is none. */
  netDevice(name: string): { readonly index: number; readonly up: boolean };
  /**
   * Moves a network interface of the runtime's network namespace into that of `pid`, renamed, addresses kept, up. What fails half-way is undone.
   * @returns its name there, which differs from `newName` when that is a template ("eth%d")
   */
  moveNetDevice(name: string, newName: string, pid: number): string;
  /** The way back: `name` in the network namespace that is open as `namespace` becomes `newName` here, and up when asked for. */
  returnNetDevice(name: string, newName: string, namespace: number, up: boolean): void;
}

const { engine } = globalThis as { readonly engine?: { readonly addon: Addon } };

/** The addon: part of the single executable, else loaded, by this module alone. */
export const addon: Addon = engine?.addon ?? (loadAddon() as Addon);

/**
 * Whether Node or Bun runs this, which change what the process was given: they mark its descriptors close-on-exec and raise its soft
 * RLIMIT_NOFILE. The executable's engine touches neither.
 */
export const changesProcess = engine === undefined;
