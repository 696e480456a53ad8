# shellcheck shell=sh
# PATH CACHE ENGINE SIZE LAUNCHER: creates the directories, and does what `set_up` does. Needs set-up-functions.sh
# before it.
make_place "$1" "$2"
set_up "$@"
