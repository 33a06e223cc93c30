# Completion of runts(8) for fish.
# Written by npm run generate from the command table.

# Flags that take a value: of a command, or of none those before it.
function __runts_values
  switch "$argv[1]"
    case ''
      string split ' ' -- '--root --log --log-format --log-level --trace --cgroup-manager --allow-annotation --rootless'
    case create
      string split ' ' -- '--bundle -b --config -f --console-socket --pidfd-socket --pid-file --preserve-fds'
    case run
      string split ' ' -- '--bundle -b --config -f --console-socket --pidfd-socket --pid-file --preserve-fds'
    case list
      string split ' ' -- '--format -f'
    case ps
      string split ' ' -- '--format -f'
    case exec
      string split ' ' -- '--process -p --cwd --env -e --user -u --additional-gids -g --pid-file --console-socket --pidfd-socket --process-label --apparmor --cap -c --preserve-fds --cgroup'
    case update
      string split ' ' -- '--resources -r --blkio-weight --cpu-period --cpu-quota --cpu-burst --cpu-share --cpu-rt-period --cpu-rt-runtime --cpu-idle --cpuset-cpus --cpuset-mems --memory --memory-reservation --memory-swap --pids-limit --l3-cache-schema --mem-bw-schema'
    case events
      string split ' ' -- '--interval'
    case stats
      string split ' ' -- '--interval -i --format -f'
    case top
      string split ' ' -- '--interval -i --sort -s --rounds -n --format -f'
    case checkpoint
      string split ' ' -- '--image-path --work-path --manage-cgroups-mode --empty-ns --parent-path --status-fd --page-server'
    case restore
      string split ' ' -- '--image-path --work-path --manage-cgroups-mode --empty-ns --bundle -b --console-socket --pid-file --lsm-profile --lsm-mount-context'
    case spec
      string split ' ' -- '--bundle -b'
    case plan
      string split ' ' -- '--bundle -b --config --id --format -f'
    case validate
      string split ' ' -- '--bundle -b --config --format -f'
    case seccomp
      string split ' ' -- '--bundle -b --config --output -o --merge -m --format -f'
    case doctor
      string split ' ' -- '--config --format -f'
    case errors
      string split ' ' -- '--format -f'
  end
end

# What has been typed before the word that is completed: the command or nothing, the number of its arguments, and then the words before the command.
function __runts_typed
  set -l words (commandline -opc)
  set -l program $words[1]
  set -l command ''
  set -l count 0
  set -l value ''
  for word in $words[2..-1]
    if test -n "$value"
      test -n "$command"; or set -a program $value $word
      set value ''
    else if string match -q -- '-*' $word
      if contains -- $word (__runts_values "$command")
        set value $word
      else if test -z "$command"
        set -a program $word
      end
    else if test -z "$command"
      set command $word
    else
      set count (math $count + 1)
    end
  end
  printf '%s\n' "$command" $count $program
end

# Whether the argument of this number of the command is completed, or with "more" one after it.
function __runts_at
  set -l typed (__runts_typed)
  test "$typed[1]" = "$argv[1]"; or return 1
  set -l number (math $typed[2] + 1)
  test $number -eq $argv[2]; or begin
    test "$argv[3]" = more; and test $number -gt $argv[2]
  end
end

# Whether the command has this name; without one: is still to come.
function __runts_is
  set -l typed (__runts_typed)
  test "$typed[1]" = "$argv[1]"
end

# Ids of the containers that are in one of the states, with their states.
function __runts_containers
  set -l typed (__runts_typed)
  set -l program $typed[3..-1]
  $program list 2> /dev/null | tail -n +2 | while read -l line
    set -l columns (string split -n ' ' -- $line)
    test (count $argv) -eq 0; or contains -- $columns[3] $argv; or continue
    printf '%s\t%s\n' $columns[1] $columns[3]
  end
end

complete -c runts -f
complete -c runts -n '__runts_is ""' -l root -d 'where the state of containers is kept (default: /run/runts, or $XDG_RUNTIME_DIR/runts without root)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is ""' -l sync-state -d 'wait until the state is on the disk whenever it is written, for a --root that outlives a power cut'
complete -c runts -n '__runts_is ""' -l log -d 'append log lines to this file (default: stderr)' -r -F
complete -c runts -n '__runts_is ""' -l log-format -d 'text or json' -r -f -a 'text json'
complete -c runts -n '__runts_is ""' -l log-level -d 'what to log: debug, info, warning or error' -r -f -a 'debug info warning warn error'
complete -c runts -n '__runts_is ""' -l trace -d 'write where the time goes, step by step, as Chrome\'s trace JSON ($RUNTS_TRACE does the same)' -r -F
complete -c runts -n '__runts_is ""' -l debug -d 'the same as --log-level debug'
complete -c runts -n '__runts_is ""' -l strict -d 'make errors of warnings, as for CI ($RUNTS_STRICT=1 does the same)'
complete -c runts -n '__runts_is ""' -l cgroup-manager -d 'who makes the cgroups: cgroupfs, systemd or disabled' -r -f -a 'cgroupfs systemd disabled'
complete -c runts -n '__runts_is ""' -l systemd-cgroup -d 'the same as --cgroup-manager systemd; cgroupsPath is slice:prefix:name then'
complete -c runts -n '__runts_is ""' -l allow-annotation -d 'let this annotation (org.systemd.property.…) set what may concern more than the container; may be given several times' -r -f
complete -c runts -n '__runts_is ""' -l rootless -d 'accepted for the sake of other runtimes: what a user may do is found out' -r -f -a 'true false auto'
complete -c runts -n '__runts_is ""' -l help -s h -d 'show help'
complete -c runts -n '__runts_is ""' -l version -s v -d 'print the version'
complete -c runts -n '__runts_is ""' -f -a create -d 'create a container'
complete -c runts -n '__runts_is ""' -f -a start -d 'run the program of a created container'
complete -c runts -n '__runts_is ""' -f -a run -d 'create a container, start it and wait for its end'
complete -c runts -n '__runts_is ""' -f -a state -d 'print the state of a container'
complete -c runts -n '__runts_is ""' -f -a kill -d 'send a signal to the first process of a container'
complete -c runts -n '__runts_is ""' -f -a delete -d 'delete a container and all that was made for it'
complete -c runts -n '__runts_is ""' -f -a list -d 'list the containers'
complete -c runts -n '__runts_is ""' -f -a ps -d 'list the processes of a container'
complete -c runts -n '__runts_is ""' -f -a exec -d 'run one more program in a container'
complete -c runts -n '__runts_is ""' -f -a pause -d 'suspend all processes of a container'
complete -c runts -n '__runts_is ""' -f -a resume -d 'let the processes of a paused container go on'
complete -c runts -n '__runts_is ""' -f -a update -d 'change the resource limits of a container'
complete -c runts -n '__runts_is ""' -f -a events -d 'print statistics and out-of-memory events of a container'
complete -c runts -n '__runts_is ""' -f -a stats -d 'show what containers use'
complete -c runts -n '__runts_is ""' -f -a top -d 'watch what all containers use'
complete -c runts -n '__runts_is ""' -f -a checkpoint -d 'save a running container to files'
complete -c runts -n '__runts_is ""' -f -a restore -d 'make a container from the files of a checkpoint'
complete -c runts -n '__runts_is ""' -f -a spec -d 'write a starter config.json'
complete -c runts -n '__runts_is ""' -f -a plan -d 'show what create would do, step by step'
complete -c runts -n '__runts_is ""' -f -a validate -d 'check the config.json of a bundle'
complete -c runts -n '__runts_is ""' -f -a seccomp -d 'explain, record or compare seccomp profiles'
complete -c runts -n '__runts_is ""' -f -a doctor -d 'tell what this host can do, and what of a bundle would not work here'
complete -c runts -n '__runts_is ""' -f -a errors -d 'explain the codes of errors, warnings and findings'
complete -c runts -n '__runts_is ""' -f -a features -d 'print what this runtime can do'
complete -c runts -n '__runts_is ""' -f -a help -d 'show help, also of one command'
complete -c runts -n '__runts_at help 1' -f -a 'create start run state kill delete list ps exec pause resume update events stats top checkpoint restore spec plan validate seccomp doctor errors features'

complete -c runts -n '__runts_is create' -l bundle -s b -d 'the bundle directory (default: the current directory)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is create' -l config -s f -d 'read this file in place of config.json' -r -F
complete -c runts -n '__runts_is create' -l console-socket -d 'unix socket that gets the terminal' -r -F
complete -c runts -n '__runts_is create' -l pidfd-socket -d 'unix socket that gets a pidfd of the first process' -r -F
complete -c runts -n '__runts_is create' -l pid-file -d 'write the process id of the container to a file' -r -F
complete -c runts -n '__runts_is create' -l no-pivot -d 'enter the root filesystem without pivot_root(2), for one on a ramdisk'
complete -c runts -n '__runts_is create' -l no-new-keyring -d 'keep the session keyring of the caller'
complete -c runts -n '__runts_is create' -l preserve-fds -d 'pass on N file descriptors after stdio and LISTEN_FDS' -r -f
complete -c runts -n '__runts_is create' -l help -s h -d 'show help'
complete -c runts -n '__runts_at create 1' -f -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is start' -l help -s h -d 'show help'
complete -c runts -n '__runts_at start 1' -f -a '(__runts_containers created)' -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is run' -l bundle -s b -d 'the bundle directory (default: the current directory)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is run' -l config -s f -d 'read this file in place of config.json' -r -F
complete -c runts -n '__runts_is run' -l console-socket -d 'unix socket that gets the terminal' -r -F
complete -c runts -n '__runts_is run' -l pidfd-socket -d 'unix socket that gets a pidfd of the first process' -r -F
complete -c runts -n '__runts_is run' -l pid-file -d 'write the process id of the container to a file' -r -F
complete -c runts -n '__runts_is run' -l no-pivot -d 'enter the root filesystem without pivot_root(2), for one on a ramdisk'
complete -c runts -n '__runts_is run' -l no-new-keyring -d 'keep the session keyring of the caller'
complete -c runts -n '__runts_is run' -l preserve-fds -d 'pass on N file descriptors after stdio and LISTEN_FDS' -r -f
complete -c runts -n '__runts_is run' -l detach -s d -d 'return as soon as the program runs'
complete -c runts -n '__runts_is run' -l keep -d 'do not delete the container after its end'
complete -c runts -n '__runts_is run' -l no-subreaper -d 'do not become the parent of orphaned processes of the container'
complete -c runts -n '__runts_is run' -l help -s h -d 'show help'
complete -c runts -n '__runts_at run 1' -f -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is state' -l help -s h -d 'show help'
complete -c runts -n '__runts_at state 1' -f -a '(__runts_containers)' -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is kill' -l help -s h -d 'show help'
complete -c runts -n '__runts_at kill 1' -f -a '(__runts_containers created running paused)' -d 'name of the container, unique below --root'
complete -c runts -n '__runts_at kill 2' -f -a 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS IOT CLD POLL' -d 'name or number; default SIGTERM'

complete -c runts -n '__runts_is delete' -l force -s f -d 'kill the container first (SIGKILL); a container that does not exist is no error'
complete -c runts -n '__runts_is delete' -l help -s h -d 'show help'
complete -c runts -n '__runts_at delete 1' -f -a '(__runts_containers)' -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is list' -l format -s f -d 'table or json' -r -f -a 'table json'
complete -c runts -n '__runts_is list' -l quiet -s q -d 'print ids only'
complete -c runts -n '__runts_is list' -l help -s h -d 'show help'

complete -c runts -n '__runts_is ps' -l format -s f -d 'table or json' -r -f -a 'table json'
complete -c runts -n '__runts_is ps' -l help -s h -d 'show help'
complete -c runts -n '__runts_at ps 1' -f -a '(__runts_containers created running paused)' -d 'name of the container, unique below --root'
complete -c runts -n '__runts_at ps 2 more' -f -d 'options for ps(1)'

complete -c runts -n '__runts_is exec' -l process -s p -d 'read the process (JSON, as in config.json) from a file' -r -F
complete -c runts -n '__runts_is exec' -l cwd -d 'working directory in the container' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is exec' -l env -s e -d 'set a variable; may be given several times' -r -f
complete -c runts -n '__runts_is exec' -l tty -s t -d 'give the program a terminal'
complete -c runts -n '__runts_is exec' -l user -s u -d 'user and group id, as numbers' -r -f
complete -c runts -n '__runts_is exec' -l additional-gids -s g -d 'one more group; may be given several times' -r -f
complete -c runts -n '__runts_is exec' -l detach -s d -d 'return as soon as the program runs'
complete -c runts -n '__runts_is exec' -l pid-file -d 'write the process id to a file' -r -F
complete -c runts -n '__runts_is exec' -l console-socket -d 'unix socket that gets the terminal' -r -F
complete -c runts -n '__runts_is exec' -l pidfd-socket -d 'unix socket that gets a pidfd of the process' -r -F
complete -c runts -n '__runts_is exec' -l process-label -d 'SELinux label' -r -f
complete -c runts -n '__runts_is exec' -l apparmor -d 'AppArmor profile' -r -f
complete -c runts -n '__runts_is exec' -l no-new-privs -d 'set no_new_privs'
complete -c runts -n '__runts_is exec' -l cap -s c -d 'add a capability; may be given several times' -r -f
complete -c runts -n '__runts_is exec' -l preserve-fds -d 'pass on N file descriptors after stdio and LISTEN_FDS' -r -f
complete -c runts -n '__runts_is exec' -l cgroup -d 'existing cgroup below that of the container' -r -f
complete -c runts -n '__runts_is exec' -l ignore-paused -d 'accept a paused container; the program runs once it is resumed'
complete -c runts -n '__runts_is exec' -l help -s h -d 'show help'
complete -c runts -n '__runts_at exec 1' -f -a '(__runts_containers created running)' -d 'name of the container, unique below --root'
complete -c runts -n '__runts_at exec 2 more' -f -a '(__fish_complete_subcommand)' -d 'the program and its arguments; not with --process'

complete -c runts -n '__runts_is pause' -l help -s h -d 'show help'
complete -c runts -n '__runts_at pause 1' -f -a '(__runts_containers created running)' -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is resume' -l help -s h -d 'show help'
complete -c runts -n '__runts_at resume 1' -f -a '(__runts_containers paused)' -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is update' -l resources -s r -d 'read linux.resources (JSON) from a file, or from stdin with "-"' -r -F
complete -c runts -n '__runts_is update' -l blkio-weight -d 'block I/O weight, 10 to 1000' -r -f
complete -c runts -n '__runts_is update' -l cpu-period -d 'CFS period in microseconds' -r -f
complete -c runts -n '__runts_is update' -l cpu-quota -d 'CFS quota in microseconds, -1 for none' -r -f
complete -c runts -n '__runts_is update' -l cpu-burst -d 'CFS burst in microseconds' -r -f
complete -c runts -n '__runts_is update' -l cpu-share -d 'CPU shares' -r -f
complete -c runts -n '__runts_is update' -l cpu-rt-period -d 'realtime period in microseconds' -r -f
complete -c runts -n '__runts_is update' -l cpu-rt-runtime -d 'realtime runtime in microseconds' -r -f
complete -c runts -n '__runts_is update' -l cpu-idle -d 'run only when a cpu is idle' -r -f -a '0 1'
complete -c runts -n '__runts_is update' -l cpuset-cpus -d 'cpus, e.g. 0-3,7' -r -f
complete -c runts -n '__runts_is update' -l cpuset-mems -d 'memory nodes' -r -f
complete -c runts -n '__runts_is update' -l memory -d 'memory limit in bytes, k/m/g may follow, -1 for none' -r -f
complete -c runts -n '__runts_is update' -l memory-reservation -d 'soft memory limit' -r -f
complete -c runts -n '__runts_is update' -l memory-swap -d 'memory and swap together, -1 for none' -r -f
complete -c runts -n '__runts_is update' -l pids-limit -d 'number of processes, -1 for any' -r -f
complete -c runts -n '__runts_is update' -l l3-cache-schema -d 'Intel RDT: L3 cache' -r -f
complete -c runts -n '__runts_is update' -l mem-bw-schema -d 'Intel RDT: memory bandwidth' -r -f
complete -c runts -n '__runts_is update' -l help -s h -d 'show help'
complete -c runts -n '__runts_at update 1' -f -a '(__runts_containers created running paused)' -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is events' -l interval -d 'time between two statistics, e.g. 100ms' -r -f
complete -c runts -n '__runts_is events' -l stats -d 'print statistics once and end'
complete -c runts -n '__runts_is events' -l follow -d 'tell of the end of the container, too, and how it has ended'
complete -c runts -n '__runts_is events' -l help -s h -d 'show help'
complete -c runts -n '__runts_at events 1' -f -a '(__runts_containers created running paused)' -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is stats' -l interval -s i -d 'time between two looks, e.g. 500ms' -r -f
complete -c runts -n '__runts_is stats' -l no-stream -d 'show it once and end'
complete -c runts -n '__runts_is stats' -l format -s f -d 'table, or json: a line with an array for each look' -r -f -a 'table json'
complete -c runts -n '__runts_is stats' -l help -s h -d 'show help'
complete -c runts -n '__runts_at stats 1 more' -f -a '(__runts_containers created running paused)' -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is top' -l interval -s i -d 'time between two looks, e.g. 500ms' -r -f
complete -c runts -n '__runts_is top' -l sort -s s -d 'what decides about the order: cpu, memory, pids, pressure, io or id' -r -f -a 'cpu memory pids pressure io id'
complete -c runts -n '__runts_is top' -l plain -d 'one table below the other, also on a terminal'
complete -c runts -n '__runts_is top' -l rounds -s n -d 'end after so many tables' -r -f
complete -c runts -n '__runts_is top' -l format -s f -d 'table, or json: a line with an array for each look' -r -f -a 'table json'
complete -c runts -n '__runts_is top' -l help -s h -d 'show help'

complete -c runts -n '__runts_is checkpoint' -l image-path -d 'where the images of CRIU lie (default: ./checkpoint)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is checkpoint' -l work-path -d 'where CRIU writes its logs' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is checkpoint' -l tcp-established -d 'allow open TCP connections'
complete -c runts -n '__runts_is checkpoint' -l ext-unix-sk -d 'allow unix sockets that lead outside'
complete -c runts -n '__runts_is checkpoint' -l shell-job -d 'allow a program that was started by a shell'
complete -c runts -n '__runts_is checkpoint' -l lazy-pages -d 'restore memory when it is needed (userfaultfd)'
complete -c runts -n '__runts_is checkpoint' -l file-locks -d 'save and restore file locks'
complete -c runts -n '__runts_is checkpoint' -l manage-cgroups-mode -d 'soft, full, strict or ignore' -r -f -a 'soft full strict ignore'
complete -c runts -n '__runts_is checkpoint' -l empty-ns -d 'make this namespace but leave its content alone (network)' -r -f -a 'network'
complete -c runts -n '__runts_is checkpoint' -l auto-dedup -d 'free memory images that were written twice'
complete -c runts -n '__runts_is checkpoint' -l parent-path -d 'images of the previous --pre-dump, relative to --image-path' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is checkpoint' -l leave-running -d 'let the container go on'
complete -c runts -n '__runts_is checkpoint' -l status-fd -d 'CRIU writes a NUL byte here when --lazy-pages is ready' -r -f
complete -c runts -n '__runts_is checkpoint' -l page-server -d 'page server to send memory to' -r -f
complete -c runts -n '__runts_is checkpoint' -l pre-dump -d 'save memory only and let the container go on'
complete -c runts -n '__runts_is checkpoint' -l tcp-skip-in-flight -d 'leave out TCP connections that are being set up'
complete -c runts -n '__runts_is checkpoint' -l link-remap -d 'save files that were unlinked but have other names'
complete -c runts -n '__runts_is checkpoint' -l help -s h -d 'show help'
complete -c runts -n '__runts_at checkpoint 1' -f -a '(__runts_containers running paused)' -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is restore' -l image-path -d 'where the images of CRIU lie (default: ./checkpoint)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is restore' -l work-path -d 'where CRIU writes its logs' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is restore' -l tcp-established -d 'allow open TCP connections'
complete -c runts -n '__runts_is restore' -l ext-unix-sk -d 'allow unix sockets that lead outside'
complete -c runts -n '__runts_is restore' -l shell-job -d 'allow a program that was started by a shell'
complete -c runts -n '__runts_is restore' -l lazy-pages -d 'restore memory when it is needed (userfaultfd)'
complete -c runts -n '__runts_is restore' -l file-locks -d 'save and restore file locks'
complete -c runts -n '__runts_is restore' -l manage-cgroups-mode -d 'soft, full, strict or ignore' -r -f -a 'soft full strict ignore'
complete -c runts -n '__runts_is restore' -l empty-ns -d 'make this namespace but leave its content alone (network)' -r -f -a 'network'
complete -c runts -n '__runts_is restore' -l auto-dedup -d 'free memory images that were written twice'
complete -c runts -n '__runts_is restore' -l bundle -s b -d 'the bundle directory (default: the current directory)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is restore' -l console-socket -d 'unix socket that gets the terminal' -r -F
complete -c runts -n '__runts_is restore' -l detach -s d -d 'return as soon as the program runs'
complete -c runts -n '__runts_is restore' -l pid-file -d 'write the process id to a file' -r -F
complete -c runts -n '__runts_is restore' -l no-subreaper -d 'do not become the parent of orphaned processes of the container'
complete -c runts -n '__runts_is restore' -l no-pivot -d 'accepted; CRIU changes the root as it did before'
complete -c runts -n '__runts_is restore' -l tcp-close -d 'restore open TCP connections as closed ones'
complete -c runts -n '__runts_is restore' -l lsm-profile -d 'label or profile in place of the saved one' -r -f
complete -c runts -n '__runts_is restore' -l lsm-mount-context -d 'mount context in place of the saved one' -r -f
complete -c runts -n '__runts_is restore' -l help -s h -d 'show help'
complete -c runts -n '__runts_at restore 1' -f -d 'name of the container, unique below --root'

complete -c runts -n '__runts_is spec' -l bundle -s b -d 'the bundle directory (default: the current directory)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is spec' -l rootless -d 'for a user other than root: a user namespace, the network of the host'
complete -c runts -n '__runts_is spec' -l help -s h -d 'show help'

complete -c runts -n '__runts_is plan' -l bundle -s b -d 'the bundle directory (default: the current directory)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is plan' -l config -d 'read this file in place of config.json' -r -F
complete -c runts -n '__runts_is plan' -l id -d 'id of the container' -r -f
complete -c runts -n '__runts_is plan' -l restore -d 'the steps of "runts restore" instead'
complete -c runts -n '__runts_is plan' -l format -s f -d 'table or json' -r -f -a 'table json'
complete -c runts -n '__runts_is plan' -l help -s h -d 'show help'
complete -c runts -n '__runts_at plan 1' -f -a '(__fish_complete_directories (commandline -ct))' -d 'the bundle directory; the same as --bundle'

complete -c runts -n '__runts_is validate' -l bundle -s b -d 'the bundle directory (default: the current directory)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is validate' -l config -d 'read this file in place of config.json' -r -F
complete -c runts -n '__runts_is validate' -l format -s f -d 'text, json or sarif (SARIF 2.1.0)' -r -f -a 'text json sarif'
complete -c runts -n '__runts_is validate' -l help -s h -d 'show help'
complete -c runts -n '__runts_at validate 1' -f -a '(__fish_complete_directories (commandline -ct))' -d 'the bundle directory; the same as --bundle'

complete -c runts -n '__runts_is seccomp' -l bundle -s b -d 'of record: the bundle directory (default: the current one)' -r -f -a '(__fish_complete_directories (commandline -ct))'
complete -c runts -n '__runts_is seccomp' -l config -d 'read this file in place of config.json' -r -F
complete -c runts -n '__runts_is seccomp' -l output -s o -d 'of record: where the profile goes (default: ./seccomp.json)' -r -F
complete -c runts -n '__runts_is seccomp' -l merge -s m -d 'of record: permit what this profile permits, too; may be given several times' -r -F
complete -c runts -n '__runts_is seccomp' -l format -s f -d 'text or json' -r -f -a 'text json'
complete -c runts -n '__runts_is seccomp' -l help -s h -d 'show help'
complete -c runts -n '__runts_at seccomp 1' -f -d 'what to do'
complete -c runts -n '__runts_at seccomp 2' -f -d 'the bundle directory; of record the name of a new container'
complete -c runts -n '__runts_at seccomp 3' -f -d 'name or number of a system call; of compare what is compared'

complete -c runts -n '__runts_is doctor' -l config -d 'read this file in place of config.json' -r -F
complete -c runts -n '__runts_is doctor' -l format -s f -d 'text or json' -r -f -a 'text json'
complete -c runts -n '__runts_is doctor' -l help -s h -d 'show help'
complete -c runts -n '__runts_at doctor 1' -f -a '(__fish_complete_directories (commandline -ct))' -d 'the bundle directory; without one only the host is looked at'

complete -c runts -n '__runts_is errors' -l format -s f -d 'text or json' -r -f -a 'text json'
complete -c runts -n '__runts_is errors' -l help -s h -d 'show help'
complete -c runts -n '__runts_at errors 1' -f -a 'USAGE COMMAND_UNKNOWN LOG_UNREAD INVALID_ROOT INVALID_SIGNAL INVALID_USER INVALID_VALUE CODE_UNKNOWN ID_INVALID EXISTS ADDON_MISSING ADDON_UNLOADABLE INTERNAL BUNDLE_MISSING CONFIG_MISSING CONFIG_TOO_LARGE INVALID_JSON INVALID_SPEC INVALID_PROCESS INVALID_RESOURCES PROCESS_UNREADABLE RESOURCES_UNREADABLE ROOTFS_MISSING KERNEL_TOO_OLD PROC_NOT_MOUNTED ROOT_UNWRITABLE CONTAINER_UNKNOWN ID_TAKEN CONTAINER_DELETED STATE_DAMAGED STATE_VERSION CONTAINER_BUSY NOT_CREATED NOT_RUNNING NOT_STOPPED PAUSED NOT_PAUSED PROCESS_MISSING STEP_FAILED INIT_STOPPED INIT_DIED INIT_FAILED OOM_KILLED MOUNT_FAILED MOUNT_TYPE_UNKNOWN MOUNT_TYPE_MISSING MOUNT_SOURCE_MISSING RUNTIME_CLOSED GUARD_USELESS STREAMS_NOT_KEPT GUARD_FAILED MOUNT_NAMESPACE_MISSING NAMESPACE_OF_HOST MOUNT_BUSY MOUNT_INSIDE_PROC IDMAP_NOT_SUPPORTED IDMAP_FAILED NO_PIVOT_PRIVATE USER_FAILED ID_MAP_FAILED CWD_FAILED CPU_LIST_INVALID LABEL_FAILED APPARMOR_MISSING SELINUX_MISSING SYSCTL_FAILED HOOK_FAILED EXEC_NOT_FOUND EXEC_NOT_EXECUTABLE EXEC_FAILED CRIU_MISSING CRIU_FAILED CRIU_UNSUPPORTED CHECKPOINT_UNSUPPORTED CHECKPOINT_INVALID CONSOLE_SOCKET_MISSING CONSOLE_SOCKET_UNUSED SOCKET_FAILED DIRECTORY_MISSING PID_FILE_FAILED DESCRIPTOR_MISSING NOTIFY_FAILED INVALID_CGROUPS_PATH CGROUP_FAILED CGROUP_CONTROLLER_MISSING CGROUP_UNSUPPORTED CGROUP_FROZEN CGROUP_NOT_EMPTY CGROUPS_UNAVAILABLE CGROUP_NOT_MOUNTED CGROUP_INVALID SYSTEMD_MISSING SYSTEMD_FAILED INVALID_ANNOTATION CGROUP_BUSY KILL_TIMEOUT FREEZE_TIMEOUT FREEZE_UNSUPPORTED BELOW_USAGE INTEL_RDT_MISSING RESCTRL_NOT_MOUNTED RESCTRL_GROUP_MISSING RESCTRL_MISMATCH NET_DEVICE_FAILED RESCTRL_FAILED SECCOMP_CONFLICT SECCOMP_TOO_LARGE SECCOMP_UNSUPPORTED_MACHINE SECCOMP_MISSING SECCOMP_PROFILE_UNUSABLE SECCOMP_UNRECORDABLE SECCOMP_RECORDING_FAILED SYSCALL_UNKNOWN PS_NOT_FOUND PS_FAILED PS_NO_PID CAPABILITY_IGNORED AMBIENT_CAPABILITY_IGNORED KERNEL_MEMORY_IGNORED NO_CGROUP USER_NAMESPACE_ADDED SECCOMP_UNKNOWN_SYSCALL SECCOMP_NAMELESS_CALLS MOUNT_OPTION_IGNORED DEVICE_OF_HOST DEVICE_OWNER_UNMAPPED PROCESS_NOT_SAVED LABEL_NOT_SAVED POSTSTOP_FAILED OWNERS_UNKNOWN CGROUP_SHARED CLEANUP_FAILED ROLL_BACK_FAILED INIT_WARNING MISSING_PROPERTY WRONG_TYPE BAD_INTEGER UNKNOWN_VALUE UNKNOWN_PROPERTY DUPLICATE_PROPERTY NUL_BYTE BAD_VERSION NEWER_VERSION EMPTY NOT_ABSOLUTE OUT_OF_RANGE BAD_FORMAT DUPLICATE NEEDS_NAMESPACE NOT_MAPPED NEEDS_PROPERTY CONFLICT UNSUPPORTED DEPRECATED' -d 'code of an error, a warning or a finding'

complete -c runts -n '__runts_is features' -l help -s h -d 'show help'
