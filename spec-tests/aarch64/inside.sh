#!/bin/sh
# Tries the features of a folder, in the machine: inside.sh RUNTIME FOLDER. Of each the folder is its bundle, with `script`; what that prints goes to
# `output` there. It calls itself with a third argument, for each processor of the machine: every second feature, with mounts of its own.
if [ $# = 2 ]; then
  for lane in 0 1; do unshare -m sh "$0" "$@" $lane & done
  wait
  exit
fi
runtime=$1
features=$2
lane=$3
here=$(dirname "$0")
root=/run/runts-$lane

# Files of the host are slow, and cannot be changed.
mount -t tmpfs -o mode=755 lane /srv
mkdir -p /srv/rootfs
for name in bin etc proc sys dev tmp root run data lower upper work merged; do mkdir -p "/srv/rootfs/$name"; done
chmod 1777 /srv/rootfs/tmp
cp "$runtime" /srv/runts
cp "$features/probe" "$features/agent" /srv/
cp /srv/probe /bin/busybox /srv/rootfs/bin/
for applet in $(/bin/busybox --list | grep -vx busybox); do ln -s busybox "/srv/rootfs/bin/$applet"; done
printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n' >/srv/rootfs/etc/passwd
printf 'root:x:0:\nuser:x:1000:\n' >/srv/rootfs/etc/group

for folder in "$features"/[0-9]*; do
  number=$(basename "$folder")
  [ $((number % 2)) = "$lane" ] || continue
  id=c$number
  mkdir -p "/srv/$id"
  cp "$folder/config.json" "$folder/script" "/srv/$id/"
  (
    cd "/srv/$id" || exit 1
    export id root
    timeout 120 sh -c '. "$1/feature.sh"; . ./script' sh "$here" || [ $? != 143 ] || echo 'it took too long'
    . "$here/feature.sh"
    leftovers
  ) >"/srv/$id/output" 2>&1 </dev/null
  cp "/srv/$id/output" "$folder/"
done
