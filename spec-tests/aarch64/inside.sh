#!/bin/sh
# Tries the features of a folder, in the machine: inside.sh RUNTIME FOLDER. Of each the folder is its bundle, with `script`; what that prints goes to
# `output` there.
runtime=$1
features=$2
here=$(dirname "$0")

# Files of the host are slow, and cannot be changed.
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
  id=c$(basename "$folder")
  mkdir -p "/srv/$id"
  cp "$folder/config.json" "$folder/script" "/srv/$id/"
  (
    cd "/srv/$id" || exit 1
    export id
    timeout 120 sh -c '. "$1/feature.sh"; . ./script' sh "$here" || [ $? != 143 ] || echo 'it took too long'
    . "$here/feature.sh"
    leftovers
  ) >"/srv/$id/output" 2>&1 </dev/null
  cp "/srv/$id/output" "$folder/"
done
