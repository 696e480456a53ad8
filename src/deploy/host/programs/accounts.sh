# shellcheck shell=sh
# BUILDER RUNNER GROUP PASSWORD, run as root: creates the group and the users if they are missing. With
# PASSWORD=yes, a new BUILDER gets the password on standard input.
set -e; umask 022
PATH=$PATH:/usr/sbin:/sbin
builder=$1 runner=$2 group=$3 password=$4
have() { command -v "$1" >/dev/null 2>&1; }
is_user() { id -u "$1" >/dev/null 2>&1; }
make_user() { # NAME HOME-OPTION OF USERADD, OF ADDUSER
  if have useradd; then useradd -g "$group" -s /bin/sh "$2" "$1"
  else adduser -D ${3:+"$3"} -g '' -G "$group" -s /bin/sh "$1"
  fi
}
join() {
  id -Gn "$1" | tr ' ' '\n' | grep -Fxq -- "$group" && return
  if have usermod; then usermod -a -G "$group" "$1"; else addgroup "$1" "$group"; fi
}
have useradd || have adduser || { echo 'neither useradd nor adduser is on this host' >&2; exit 1; }
grep -q "^$group:" /etc/group || { have getent && getent group "$group" >/dev/null; } ||
  if have groupadd; then groupadd "$group"; else addgroup "$group"; fi
if is_user "$builder"; then join "$builder"; else
  make_user "$builder" -m ''
  # No password matches "*"; unlike "!", it does not lock out keys.
  if [ "$password" = yes ]; then
    read -r secret; printf '%s:%s\n' "$builder" "$secret" | chpasswd >/dev/null
  elif have usermod; then usermod -p '*' "$builder"
  else echo "$builder:*" | chpasswd -e >/dev/null
  fi
  # The options accept only names without special characters.
  eval "home=~$builder"
  # shellcheck disable=SC2154
  chmod 750 "$home"
fi
is_user "$runner" || make_user "$runner" -M -H
join "$runner"
