# shellcheck shell=sh
# PATH N: prints which directories in `releases` keep the files of release N; nothing is changed. The functions
# come first.
# shellcheck disable=SC2154
set -e; umask 077; begin "$1"
scratch
entries < "$r/$2/manifest" > "$t/wanted"
holders "$2" "$t/wanted"
