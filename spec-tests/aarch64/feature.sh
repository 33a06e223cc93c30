# Of one feature, in its bundle; see inside.sh.
runts() { /srv/runts --root $root "$@"; }
run() { runts run "$id"; }

# Until a command succeeds.
await() {
  tries=0
  until "$@" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 500 ] || { echo "in vain: $*"; return 1; }
    usleep 20000
  done
}
is() { [ "$(runts state "$id" | sed -n 's/.*"status": *"\([a-z]*\)".*/\1/p')" = "$1" ]; }

# Tells what is left, and removes it.
leftovers() {
  runts list --quiet | sed 's/^/left: container /'
  runts delete --force "$id"
  [ ! -d "/sys/fs/cgroup/$id" ] || { echo "left: cgroup $id"; rmdir "/sys/fs/cgroup/$id"; }
  grep ' /srv/' /proc/self/mountinfo | sed 's/^/left: mount /'
}
