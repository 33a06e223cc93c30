# What the quickstart runs inside its container: looks around.
first() { cat "$@" 2>/dev/null | head -n 1; }
cgroup=/sys/fs/cgroup

echo "process id       $$"
echo "host name        $(uname -n)"
echo "interfaces       $(ls /sys/class/net | tr '\n' ' ')"
echo "memory limit     $(first $cgroup/memory.max $cgroup/memory/memory.limit_in_bytes) bytes"
echo "process limit    $(first $cgroup/pids.max $cgroup/pids/pids.max)"
echo "open files       $(ulimit -n)"
echo "capabilities     $(grep CapEff /proc/self/status | tr -s '\t' ' ')"
touch /usr/probe 2>/dev/null && echo "/usr             is writable" || echo "/usr             cannot be written"
touch /tmp/probe 2>/dev/null && echo "/tmp             can be written, in memory only"
echo "mounts"
while read -r _ target type options _; do
  printf '  %-2.2s  %-10s %s\n' "$options" "$type" "$target"
done </proc/self/mounts
