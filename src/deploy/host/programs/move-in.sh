# shellcheck shell=sh
# STAGED TARGET NAME MODE, run as root: moves the file or directory STAGED to TARGET, or to NAME in TARGET if that is
# a directory. MODE may be empty. Prints the resulting path. Needs root-functions.sh before it.
set -e; umask go-w
target=$2
if [ -d "$target" ]; then target="$target/$3"; fi
# SOURCE NAME [MODE]: puts SOURCE in the current directory.
place() {
  hold
  if [ -d "$1" ] && [ -d "./$2" ] && ! [ -L "./$2" ]; then
    for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
      if [ -e "$entry" ] || [ -L "$entry" ]; then
        (cd -P "./$2"; place "$entry" "${entry##*/}")
      fi
    done
    [ -z "$3" ] || chmod "$3" "./$2"
  else
    rm -rf "./$2.put"; cp -R "$1" "./$2.put"
    [ -z "$3" ] || chmod "$3" "./$2.put"
    # mv would move it into the directory that a link points to.
    if [ -L "./$2" ]; then rm -f "./$2"; fi
    [ ! -d "./$2" ] || refuse "$2 is a directory"
    mv -f "./$2.put" "./$2"
  fi
}
case $target in
  */*) directory=${target%/*}/ ;;
  *) directory=. ;;
esac
owner=$(stat -L -c %u "$directory")
(enter "$directory" "$owner"; place "$1" "${target##*/}" "$4")
printf %s "$target"
