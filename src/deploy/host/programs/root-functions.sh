# shellcheck shell=sh
# For programs that root runs in places where others may write: nobody must be able to put a link, or another file,
# in place of what root acts on. A path is checked step by step; then root acts on `.` and on names in it, and never
# uses the path again.
refuse() { printf '%s\n' "$1" >&2; exit 1; }

# UID OTHER: whether OTHER is root, the user who called sudo, or UID; for UID it sets theirs=yes.
trusted() {
  case $2 in
    0 | "${SUDO_UID:-0}") ;;
    "$1") theirs=yes ;;
    *) return 1 ;;
  esac
}

# UID: fails unless only users accepted by `trusted` can change what is in the current directory. If the sticky bit is
# set, as for /tmp, only its owner can change an entry; then sticky=yes.
guard() {
  # shellcheck disable=SC2046
  set -- "$1" $(stat -c '%u %U %G 0%a' .) "root does nothing in $(pwd)"
  trusted "$1" "$2" || refuse "$6, which belongs to $3"
  sticky=no open=no
  case $5 in *[2367]) open=yes ;; esac
  # Groups of administrators, and a group with the user's name, do not count as others.
  case $4 in root | wheel | sudo | admin | staff | "$3") ;; *)
    case $5 in *[2367]?) open=yes ;; esac ;;
  esac
  if [ $open = yes ]; then
    case $5 in *[1357]???) sticky=yes ;; *) refuse "$6, which others than $3 can change" ;; esac
  fi
}

# UID NAME: after `guard`, fails unless only users accepted by `trusted` can replace the entry NAME.
guard_entry() {
  [ "$sticky" = no ] || trusted "$1" "$(stat -c %u "./$2")" ||
    refuse "root does nothing with $2 in $(pwd), which another user has made"
}

# PATH UID [make]: changes to the directory PATH, which may contain links. Only users accepted by `trusted` can put
# another one in its place; if UID can, it must belong to UID. With `make`, root creates missing directories.
enter() {
  rest=$1 theirs=no links=0
  case $rest in /*) cd / ;; esac
  while rest=${rest#"${rest%%[!/]*}"} && [ -n "$rest" ]; do
    name=${rest%%/*}; rest=${rest#"$name"}
    guard "$2"
    if [ "$3" = make ] && [ $theirs = no ] && ! [ -e "./$name" ] && ! [ -L "./$name" ]; then
      mkdir "./$name" || exit 1
    fi
    guard_entry "$2" "$name"
    if [ -L "./$name" ]; then
      links=$((links + 1)); [ $links -le 40 ] || refuse "$1: too many links"
      rest=$(readlink "./$name")$rest
      case $rest in /*) cd / ;; esac
    else cd -P "./$name" || exit 1
    fi
  done
  [ $theirs = no ] || [ "$(stat -c %u .)" = "$2" ] ||
    refuse "root does nothing in $(pwd): $(id -un "$2") could put it in the place of $1"
}

# Until the shell ends, only root can change what is in the current directory.
hold() {
  was=$(stat -c %u:%g .) mode=$(stat -c %a .)
  trap 'chown "$was" .; chmod "$mode" .' EXIT
  trap 'exit 1' HUP INT TERM
  chown 0 . && chmod go-w . || exit 1
}
