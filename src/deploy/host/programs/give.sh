# shellcheck shell=sh
# OWNER TESTS ENTRY...: run by find, as root. Gives to OWNER what find selects by TESTS in the directories of the
# ENTRYs, which are below the current directory. Needs root-functions.sh before it.
umask 077
owner=$1 tests=$2; shift 2
top=$(env pwd -P && echo .); last=
for entry; do
  directory=${entry%/*}
  [ "$directory" != "$last" ] || continue
  last=$directory
  (
    # If part of the path is a link by now, this is another directory.
    cd -P "$directory" 2>/dev/null || exit 0
    [ "$(env pwd -P && echo .)" = "${top%??}${directory#.}${top#"${top%??}"}" ] || exit 0
    hold
    # A file with several hard links may belong elsewhere: anybody could have linked it here.
    # shellcheck disable=SC2086
    find . -mindepth 1 -maxdepth 1 \( $tests \) ! -type d ! -links 1 -exec sh -c \
      'for file; do echo "$file has several names and keeps its owner" >&2; done' sh {} + &&
      find . -mindepth 1 -maxdepth 1 \( $tests \) \( -type d -o -links 1 \) -exec chown -h "$owner" {} +
  ) || exit 1
done
