# shellcheck shell=sh
# PATH N ID CONFIGURATION SHARED REMOVED DONE: makes release N, which is in place, the current one without a build,
# since what a build depends on has not changed since the last one. Status 96: something of it has changed after all,
# so nothing was done. Needs the functions before it.
# shellcheck disable=SC2034,SC2154
trap '' HUP PIPE; umask 027; begin "$1"
number=$2 configuration=$4 shared=$5 removed=$6 done=$7
working "release $3, which needs no build"
# Hard links to parts were made before the release was put in place.
(when=%y; settled) || exit 96
id=$3
(
  set -e
  tail -n +2 "$s/settled" > "$s/settled.paths"
  make_current
)
