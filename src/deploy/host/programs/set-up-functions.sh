# shellcheck shell=sh
# What a buildout directory needs before its first release. Needs own-folders.sh, use-cache.sh and install-engine.sh
# as functions before it.

# PATH CACHE: creates the directories, or ends the program after the word `unmade`.
make_place() {
  own_folders "$1" "$2"
  set -- $?
  [ "$1" -eq 0 ] || { echo unmade; exit "$1"; }
}

# PATH CACHE ENGINE SIZE LAUNCHER: records that PATH uses the cache, and prints `cached`; unless ENGINE is empty,
# installs it.
set_up() {
  use_cache "$1" "$2" 2>/dev/null && echo cached
  [ -z "$3" ] || install_engine "$1" "$3" "$4" "$5"
}
