#!/bin/sh
# The first process in the second engine's namespaces: it mounts what dockerd needs, and ends with it.
# second_engine.sh ROOT DATA SOCKETS DOCKERD-ARGUMENTS...
set -eu
root=$1 data=$2 sockets=$3
shift 3

# Containers' roots are pivoted: the root of their mounts has to be a mount itself.
mount --bind "$root" "$root"
mount -t proc none "$root/proc"
for one in dev sys; do mount --rbind "/$one" "$root/$one"; done
# In the machine's /run dockerd would find the other engine's containerd, and use it.
mount -t tmpfs none "$root/run"
mkdir "$root/run/sockets"
mount --bind "$sockets" "$root/run/sockets"
mount --bind "$data" "$root/var/lib/docker"

chroot "$root" /usr/sbin/dockerd "$@" &
# Containers' orphans become this process's children: `wait` takes their exit codes.
wait $!
