# shellcheck shell=sh
# GIVE PATH CACHE OWNER PART..., run as root: gives what root has made to OWNER, a USER:GROUP. Of the PARTs
# themselves, only the directories change owner; their files still belong to root. GIVE is a program. Needs
# root-functions.sh before it.
set -e
GIVE=$1 path=$2 cache=$3 owner=$4; export GIVE; shift 4
uid=$(id -u "${owner%%:*}")
# TESTS PLACE [EXPRESSION...]: gives away what find selects in or below PLACE.
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
