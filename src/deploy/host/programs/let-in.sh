# shellcheck shell=sh
# USER PROGRAM, run as root: creates the home directory of USER if it is missing, and runs PROGRAM, which
# authorizes a key, as USER. Needs root-functions.sh before it.
set -e; umask 027; user=$1
# The options accept only names without special characters.
eval "home=~$user"
# shellcheck disable=SC2154
if ! [ -e "$home" ] && ! [ -L "$home" ]; then (
  umask 022; enter "${home%/*}/" 0 make; umask 027
  guard 0; mkdir "./${home##*/}"; cd -P "./${home##*/}"; chown "$user:" .
) fi
# The user does everything below it, since the user could put links in root's way at any time.
su -s /bin/sh "$user" -c "$2
if command -v restorecon >/dev/null 2>&1; then restorecon -R ~/.ssh; fi"
