# shellcheck shell=sh
# PATH CACHE RELEASES, with tildes expanded by the shell. Needs probe-function.sh before it and, with
# RELEASES=releases or atomic, inspect-function.sh.
probe "$1" "$2" "$3"
exit 0
