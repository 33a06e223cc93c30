#!/bin/busybox sh
# The first program of the machine: the root of the host, read only, below a tmpfs that takes every change; then the command, and its status.
bb=/bin/busybox
. /settings
$bb mkdir -p /proc /sys /dev /host /changes /root
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs devtmpfs /dev
echo 'machine: started' >"/dev/$log"

dev=/dev
fail() { echo "machine: $*" >"$dev/$output"; $bb poweroff -f; }

for module in $boot_modules; do $bb insmod "/modules/$module" || fail "no module $module"; done

from_host() { $bb mount -t 9p -o "trans=virtio,version=9p2000.L,msize=512000,$3" "$1" "$2"; }
from_host host /host ro,cache=loose || fail 'no root of the host'
$bb mount -t tmpfs -o mode=755 changes /changes
$bb mkdir /changes/upper /changes/work
$bb mount -t overlay -o lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work root /root || fail 'no overlay'

$bb mkdir -p /root/proc /root/sys /root/dev /root/run /root/usr/lib/modules
$bb mount --move /proc /root/proc
$bb mount --move /sys /root/sys
$bb mount --move /dev /root/dev
dev=/root/dev
$bb mkdir -p /root/dev/pts /root/dev/shm /root/dev/mqueue
$bb mount -t devpts -o mode=620,ptmxmode=666,gid=5 devpts /root/dev/pts
$bb mount -t tmpfs -o nosuid,nodev shm /root/dev/shm
$bb mount -t mqueue mqueue /root/dev/mqueue
$bb mount -t tmpfs -o mode=755 run /root/run
$bb mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /root/sys/fs/cgroup || fail 'no cgroup2'
$bb mount -t securityfs securityfs /root/sys/kernel/security
$bb mount -t bpf bpf /root/sys/fs/bpf
$bb ln -s /proc/self/fd /root/dev/fd
for link in 0:stdin 1:stdout 2:stderr; do $bb ln -s "/proc/self/fd/${link%:*}" "/root/dev/${link#*:}"; done
$bb ip link set lo up
echo runts-machine >/root/proc/sys/kernel/hostname

# What lies on other mounts of the host came with its root (multidevs); these do not, or are to be written to.
index=0
for folder in $shown; do
  $bb mkdir -p "/shown/$index" "/changes/shown$index/upper" "/changes/shown$index/work" "/root$folder"
  from_host "shown$index" "/shown/$index" ro,cache=loose || fail "cannot show $folder"
  below="lowerdir=/shown/$index,upperdir=/changes/shown$index/upper,workdir=/changes/shown$index/work"
  $bb mount -t overlay -o "$below" shown "/root$folder" || fail "no overlay on $folder"
  index=$((index + 1))
done
index=0
for folder in $shares; do
  $bb mkdir -p "/root$folder"
  from_host "share$index" "/root$folder" rw,cache=loose || fail "cannot share $folder"
  index=$((index + 1))
done
# What the kernel asks for by itself.
$bb mount --bind "/root$modules" /root/usr/lib/modules
$bb cp $bb /root/run/busybox
$bb ln -s busybox /root/run/modprobe
echo /run/modprobe >/root/proc/sys/kernel/modprobe

# A root of few packages lacks most programs.
[ -z "$applets" ] || $bb chroot /root /bin/busybox --install -s /bin 2>/dev/null

for folder in $tmpfs; do $bb mkdir -p "/root$folder"; $bb mount -t tmpfs -o mode=1777 tmpfs "/root$folder"; done
if [ -n "$disk" ]; then
  # ext4 asks for crc32c itself, but the kernel looks for modprobe here until this program has given way.
  for module in virtio_blk crc32c_generic ext4; do $bb chroot /root /run/modprobe $module; done
  $bb mkdir -p "/root$disk"
    $bb mount -t ext4 $dev/vda "/root$disk" || fail 'no disk'
fi

$bb cp /command /root/run/command
exec $bb switch_root -c "/dev/$log" /root /run/busybox sh /run/command
