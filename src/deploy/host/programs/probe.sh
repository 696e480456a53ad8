# shellcheck shell=sh
# PATH CACHE RELEASES, whose tildes the shell has expanded. probe-function.sh comes first, and with
# RELEASES=releases or atomic inspect-function.sh.
probe "$1" "$2" "$3"
exit 0
