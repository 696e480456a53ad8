# shellcheck shell=sh
# PATH CACHE BUILDER RUNNER SHARED, run as root: the code becomes BUILDER's, var RUNNER's, each a
# USER:GROUP. With SHARED=yes the group may write var. Links are never followed.
set -e; umask 027; cd "$1"
cache=$2 builder=$3 runner=$4 shared=$5
readable=u+rwX,g+rX-w,o-rwx writable=u+rwX,g+rwX,o-rwx
code() {
  find "$1" -maxdepth 0 ! -type l -exec chown "$builder" {} + -exec chmod $readable {} +
  find "$1" -mindepth 1 -maxdepth 1 ! -path ./var -exec chown -Rh "$builder" {} +
  find "$1" -mindepth 1 -maxdepth 1 ! -path ./var ! -type l -exec chmod -R $readable {} +
}
code .
[ ! -d "$cache" ] || code "$cache"
if [ -L var ]; then echo 'var is a link: what it leads to keeps its owner' >&2
else
  mkdir -p var; chown -Rh "$runner" var
  if [ "$shared" = yes ]; then
    chmod -R $writable var; find var -type d ! -perm -2000 -exec chmod g+s {} +
  else chmod -R $readable var
  fi
fi
