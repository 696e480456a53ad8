# shellcheck shell=sh
# GIVE PATH CACHE OWNER PART..., run as root: what else than the parts root has made becomes OWNER's,
# a USER:GROUP. Of the parts themselves the folders do; their files stay root's. GIVE is a program.
# root-functions.sh comes first.
set -e
GIVE=$1 path=$2 cache=$3 owner=$4; export GIVE; shift 4
uid=$(id -u "${owner%%:*}")
# TESTS PLACE [EXPRESSION...]: of what is in or below PLACE.
give() { tests=$1; shift; find "$@" -exec sh -c 'eval "$GIVE"' sh "$owner" "$tests" {} +; }
own() { if [ "$(stat -c %u .)" = 0 ]; then chown "$owner" .; fi; }
(
  enter "$path" "$uid"; own
  for part; do
    if [ -d "./parts/$part" ]; then give '-user 0 -type d' "./parts/$part" -user 0 -type d; fi
  done
  for part; do shift; set -- "$@" -path "./parts/$part" -prune -o; done
  give '-user 0' . -path . -o -path ./var -prune -o "$@" -user 0
)
[ ! -d "$cache" ] || (enter "$cache" "$uid"; own; give '-user 0' . ! -path . -user 0)
