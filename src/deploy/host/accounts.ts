/**
 * The shell programs that make users on the host. They run as root, need a POSIX shell, and take
 * either the tools of shadow (Debian, Red Hat, ...) or those of BusyBox (Alpine, ...).
 */
import { quote } from "../../ssh/quote.ts";

/**
 * Makes the group and the users that are missing; with `password`, a new buildout user gets the
 * one that comes on standard input. Accounts that are there stay as they are, but join the group.
 * New users have the group as their first one, so that what they write is readable to each other.
 */
export function accountsScript(
  buildoutUser: string,
  effectiveUser: string,
  group: string,
  password: boolean,
): string {
  const [builder, runner, shared] = [buildoutUser, effectiveUser, group].map(quote);
  // A password of "*" fits nothing, and unlike "!" does not keep keys out.
  const secret = password
    ? `read -r secret; printf '%s:%s\\n' ${builder} "$secret" | chpasswd >/dev/null`
    : `if have usermod; then usermod -p '*' ${builder}; else echo ${builder}':*' | chpasswd -e >/dev/null; fi`;
  return `set -e; umask 022
PATH=$PATH:/usr/sbin:/sbin
have() { command -v "$1" >/dev/null 2>&1; }
is_user() { id -u "$1" >/dev/null 2>&1; }
make_user() { # NAME HOME-OPTION OF USERADD, OF ADDUSER
  if have useradd; then useradd -g ${shared} -s /bin/sh "$2" "$1"
  else adduser -D $3 -g '' -G ${shared} -s /bin/sh "$1"
  fi
}
join() {
  id -Gn "$1" | tr ' ' '\\n' | grep -Fxq -- ${shared} && return
  if have usermod; then usermod -a -G ${shared} "$1"; else addgroup "$1" ${shared}; fi
}
have useradd || have adduser || { echo 'neither useradd nor adduser is on this host' >&2; exit 1; }
grep -q "^"${shared}":" /etc/group || { have getent && getent group ${shared} >/dev/null; } ||
  if have groupadd; then groupadd ${shared}; else addgroup ${shared}; fi
if is_user ${builder}; then join ${builder}; else
  make_user ${builder} -m ''
  ${secret}
  eval "home=~"${builder}; chmod 750 "$home"
fi
is_user ${runner} || make_user ${runner} -M -H
join ${runner}`;
}

/** Run as root: lets a public key in as `user`, whose home folder is made if it is missing. */
export function keyScript(user: string, publicKey: string): string {
  const name = quote(user);
  return `set -e; umask 022
eval "home=~"${name}
own() { [ -d "$1" ] || { mkdir -p "$1"; chown ${name}: "$1"; chmod "$2" "$1"; }; }
own "$home" 750; own "$home/.ssh" 700
# As the user: root would follow whatever links the user has made there.
su -s /bin/sh ${name} -c ${quote(authorizeScript(publicKey))}
if command -v restorecon >/dev/null 2>&1; then restorecon -R "$home/.ssh"; fi`;
}

/** Run as the user: lets a public key in, once, whatever its comment. */
export function authorizeScript(publicKey: string): string {
  const [type = "", key = ""] = publicKey.split(" ");
  return `set -e; umask 077; cd; mkdir -p .ssh; f=.ssh/authorized_keys
if ! grep -qF -- ${quote(`${type} ${key}`)} "$f" 2>/dev/null; then
  [ ! -s "$f" ] || [ -z "$(tail -c 1 "$f")" ] || echo >> "$f"
  printf '%s\\n' ${quote(publicKey)} >> "$f"
fi
# sshd takes no keys from where others may write.
chmod go-w .ssh "$f"; chmod go-w . 2>/dev/null || :`;
}
