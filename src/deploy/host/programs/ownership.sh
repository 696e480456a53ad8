# shellcheck shell=sh
# GIVE PATH CACHE BUILDER RUNNER SHARED, run as root: gives the code to BUILDER and var to RUNNER, each a USER:GROUP.
# With SHARED=yes, the group may write to var. Links are never followed. GIVE is a program. Needs root-functions.sh
# before it.
set -e; umask 027
GIVE=$1 path=$2 cache=$3 builder=$4 runner=$5 shared=$6; export GIVE
readable=u+rwX,g+rX-w,o-rwx writable=u+rwX,g+rwX,o-rwx
uid=$(id -u "${builder%%:*}")
# OWNER COMMAND: sets permissions as the user, who can change only those of own files.
as() {
  if [ "$(id -un)" = "${1%%:*}" ]; then sh -c "$2"; else su -s /bin/sh "${1%%:*}" -c "$2"; fi
}
# OWNER MODE [EXPRESSION]: gives the current directory and everything below it to OWNER.
take() {
  user=${1%%:*} group=${1#*:}
  tests="! -user $user -o ! -group ${group:-$(id -gn "$user")}"
  chown "$1" .
  # shellcheck disable=SC2086
  find . $3 ! -path . \( $tests \) -exec sh -c 'eval "$GIVE"' sh "$1" "$tests" {} +
  # Directories without permissions are opened before find enters them.
  as "$1" "find . $3 -user $user ! -type l \( ! -type d -o -perm -700 -o -exec chmod u+rwx {} \; \) -exec chmod $2 {} +"
}
(
  enter "$path" "$uid"
  take "$builder" $readable '-path ./var -prune -o'
  [ -e var ] || [ -L var ] || as "$builder" 'mkdir var'
  if [ -L var ]; then echo 'var is a link: what it leads to keeps its owner' >&2; exit; fi
  top=$(env pwd -P); cd -P ./var
  [ "$(env pwd -P)" = "$top/var" ] || refuse "$path/var is another directory by now"
  if [ "$shared" = yes ]; then
    take "$runner" $writable
    as "$runner" "find . -type d -user ${runner%%:*} ! -perm -2000 -exec chmod g+s {} +"
  else take "$runner" $readable
  fi
)
[ ! -d "$cache" ] || (enter "$cache" "$uid"; take "$builder" $readable)
