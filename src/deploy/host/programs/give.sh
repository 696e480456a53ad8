# shellcheck shell=sh
# OWNER TESTS ENTRY...: run by find, as root. In the directories of the ENTRYs, which are below the
# current one, what find chooses by TESTS becomes OWNER's. root-functions.sh comes first.
umask 077
owner=$1 tests=$2; shift 2
top=$(env pwd -P && echo .); last=
for entry; do
  directory=${entry%/*}
  [ "$directory" != "$last" ] || continue
  last=$directory
  (
    # Where there is a link in it by now, it is another directory.
    cd -P "$directory" 2>/dev/null || exit 0
    [ "$(env pwd -P && echo .)" = "${top%??}${directory#.}${top#"${top%??}"}" ] || exit 0
    hold
    # A file with several names may be one from elsewhere, which anybody can have linked here.
    # shellcheck disable=SC2086
    find . -mindepth 1 -maxdepth 1 \( $tests \) ! -type d ! -links 1 -exec sh -c \
      'for file; do echo "$file has several names and keeps its owner" >&2; done' sh {} + &&
      find . -mindepth 1 -maxdepth 1 \( $tests \) \( -type d -o -links 1 \) -exec chown -h "$owner" {} +
  ) || exit 1
done
