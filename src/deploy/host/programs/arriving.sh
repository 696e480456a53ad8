# shellcheck shell=sh
# PATH: creates the directories on standard input, each ended by a zero byte, in .hostout/arriving, which is emptied
# first. Needs lock-functions.sh and state-functions.sh before it.
# shellcheck disable=SC2154
set -e; umask 027; begin "$1"; working "receiving files"
rm -rf "$s/arriving"; mkdir "$s/arriving"; cd "$s/arriving"
xargs -r0 mkdir -p
