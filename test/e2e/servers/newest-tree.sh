#!/bin/sh
# Builds a Debian tree that holds the newest packaged servers (trixie-backports: Prosody 13, ejabberd 26), for chroot.
#   newest-tree.sh DIR    as root; one to three minutes, about 350 MB; does nothing when DIR is complete.
# All mounts live in a mount namespace of this script, so that none is left whatever way it ends.
set -eu
dir=$1
[ -e "$dir/.complete" ] && exit 0

# Several test files may ask at once: the first one builds, the others wait for it.
if [ "${PARLOUR_TREE_LOCKED:-}" = "" ]; then
  mkdir -p "$(dirname "$dir")"
  PARLOUR_TREE_LOCKED=1 exec flock "$dir.lock" unshare --mount --propagation private "$0" "$dir"
fi
[ -e "$dir/.complete" ] && exit 0

# The mirror is whatever this machine's own apt uses, in either format of its sources.
mirror=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '$1 == "URIs:" && $2 ~ /\/debian\/?$/ { print $2; exit }')
[ -n "$mirror" ] || mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
  awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /\/debian\/?$/) { print $i; exit } }')
[ -n "$mirror" ] || { echo "No Debian mirror found in this machine's apt sources; the newest servers cannot be fetched." >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "debootstrap is not installed (apt install debootstrap)." >&2; exit 1; }

rm -rf --one-file-system "$dir"
mkdir -p "$dir"
debootstrap --variant=minbase --include=ca-certificates trixie "$dir" "$mirror"
echo "deb $mirror trixie-backports main" >"$dir/etc/apt/sources.list.d/backports.list"
cp -r /etc/apt/apt.conf.d/. "$dir/etc/apt/apt.conf.d/"
cp /etc/resolv.conf "$dir/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d" # nothing in the tree may start by itself
chmod +x "$dir/usr/sbin/policy-rc.d"
mount --bind /proc "$dir/proc"
mount --bind /dev "$dir/dev"
chroot "$dir" apt-get update -q
DEBIAN_FRONTEND=noninteractive chroot "$dir" apt-get install -y -q --no-install-recommends -t trixie-backports prosody ejabberd
chroot "$dir" apt-get clean
chroot "$dir" dpkg-query -W prosody ejabberd | tee "$dir/.complete.new"
mv "$dir/.complete.new" "$dir/.complete"
