# shellcheck shell=sh
# PATH CACHE GROUP, not run as root: sets the permissions of the user's own files and, unless it is empty, their
# group.
umask 027; cd "$1" || exit 1; mkdir -p var
cache=$2 group=$3
code=u+rwX,g+rX-w,o-rwx data=$code
set -- -user "$(id -un)" ! -type l
if [ -n "$group" ]; then
  data=u+rwX,g+rwX,o-rwx
  set -- "$@" -exec chgrp "$group" '{}' +
fi
find . -path ./var -prune -o "$@" -exec chmod $code {} +
[ ! -d "$cache" ] || find "$cache" "$@" -exec chmod $code {} +
find var "$@" -exec chmod $data {} +
