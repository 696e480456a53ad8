# shellcheck shell=sh
# PATH CACHE, whose tildes the shell has expanded. probe-function.sh comes first.
probe "$1" "$2"
exit 0
