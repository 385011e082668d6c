#!/bin/bash
# Follows docs/install.md in a fresh Debian 13, for scripts/follow-install.mjs, which starts it as root in mount and process namespaces of its own: what it mounts and starts ends with it.
#   install-tree.sh BASE COMMON TREE SERVER STEPS
# BASE: a Debian, made once; COMMON: the tree as it is when STEPS.common is done, made by the first server; TREE: that of the server; STEPS, STEPS.common: shell scripts made of the page.
# The caller removes COMMON and TREE.
# Says READY when the steps are done, and ends when its standard input does.
set -euo pipefail
base=$1 common=$2 tree=$3 server=$4 steps=$5

if [ ! -e "$base/.complete" ]; then
  mirror=$(cat /etc/apt/sources.list.d/*.sources 2> /dev/null | awk '$1 == "URIs:" && $2 ~ /\/debian\/?$/ { print $2; exit }')
  [ -n "$mirror" ] || { echo "No Debian mirror found in this machine's apt sources."; exit 1; }
  rm -rf --one-file-system "$base"
  mkdir -p "$base"
  debootstrap --variant=minbase --include=ca-certificates trixie "$base" "$mirror" > /dev/null
  touch "$base/.complete"
fi
# In the tree, as root: a shell script that is there, with the registry of this machine.
played() {
  chroot "$tree" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
    npm_config_registry="$(npm config get registry)" npm_config_cafile=/usr/local/share/registry.pem npm_config_nodedir=/usr \
    /bin/bash -x "$1" || { tail -50 "$tree"/var/log/*.played; exit 1; }
}
mounted() {
  mount -t proc proc "$tree/proc"
  mount --bind /dev "$tree/dev"
}

if [ -e "$common/.done" ]; then
  cp -a "$common/." "$tree"
  mounted
else
  cp -a "$base/." "$tree"
  cp -r /etc/apt/apt.conf.d/. "$tree/etc/apt/apt.conf.d/"
  cp /etc/resolv.conf "$tree/etc/resolv.conf"
  printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d"
  chmod +x "$tree/usr/sbin/policy-rc.d"
  mkdir -p "$tree/opt/parlour"
  tar -x -C "$tree/opt/parlour" -f "$steps.tar"
  # As this machine reaches the registry.
  if ca=$(npm config get cafile) && [ -f "$ca" ]; then cp "$ca" "$tree/usr/local/share/registry.pem"; fi
  cp "$steps.common" "$tree/root/common.sh"
  mounted
  played /root/common.sh
  mkdir -p "$common"
  # Without what is mounted.
  cp -ax "$tree/." "$common"
  touch "$common/.done"
fi
cp "$steps" "$tree/root/steps.sh"

# In the place of systemd: starts what a unit says, as its user.
cat > "$tree/usr/local/bin/systemctl" << 'END'
#!/bin/bash
# restart NAME | enable --now NAME | daemon-reload
set -eu
name=${!#}
[ "$1" != daemon-reload ] || exit 0
[ ! -e "/run/$name.played" ] || { kill "$(cat "/run/$name.played")" || true; sleep 2; }
unit=$(ls /etc/systemd/system/$name.service /usr/lib/systemd/system/$name.service 2> /dev/null | head -1)
of() { sed -n "s/^$1=//p" "$unit" | head -1; }
state=$(of StateDirectory)
[ -z "$state" ] || { mkdir -p "/var/lib/$state"; chown "$(of User)" "/var/lib/$state"; }
setsid setpriv --reuid "$(of User)" --regid "$(of User)" --init-groups $(of ExecStart) > "/var/log/$name.played" 2>&1 < /dev/null &
echo $! > "/run/$name.played"
sleep 2
END
chmod +x "$tree/usr/local/bin/systemctl"

# The server that operators have already, with two accounts. Its clients are on this machine, Prosody has no certificate, and @xmpp/client 0.13.6 cannot do SCRAM.
cat > "$tree/root/server.sh" << 'END'
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$1" > /dev/null
mkdir -p /run/"$1"
chown "$1" /run/"$1"
if [ "$1" = prosody ]; then
  printf 'VirtualHost "example.com"\n' > /etc/prosody/conf.d/example.cfg.lua
  sed -i -e '1i c2s_require_encryption = false\nallow_unencrypted_plain_auth = true\ndisable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256" }\n' -e 's/^\s*"tls";/--/' /etc/prosody/prosody.cfg.lua
  for name in you other; do prosodyctl register $name example.com wonder; done
  systemctl restart prosody
else
  sed -i 's/^  - localhost$/  - example.com/; s/starttls_required: true/starttls_required: false/' /etc/ejabberd/ejabberd.yml
  printf 'disable_sasl_mechanisms: ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "X-OAUTH2"]\n' >> /etc/ejabberd/ejabberd.yml
  ejabberdctl start
  ejabberdctl started
  for name in you other; do ejabberdctl register $name example.com wonder; done
fi
END
chroot "$tree" /bin/bash /root/server.sh "$server"
played /root/steps.sh
echo READY
cat > /dev/null
