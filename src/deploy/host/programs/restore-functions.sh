# shellcheck shell=sh
# Puts back what a failed or interrupted build has replaced. Needs state-functions.sh, checkout-functions.sh and
# store-functions.sh before it.
# shellcheck disable=SC2154

# ENTRY: moves what a failed build has left there to `failed`.
put_off() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  rm -rf "$s/failed/$1"; mkdir -p "$(dirname "$s/failed/$1")"; mv -f "$1" "$s/failed/$1"
}

# ENTRY: puts back what `previous` keeps of it, by renaming. A file is never missing in between.
put_back() {
  if [ -d "$1" ] || [ -d "$old/kept/$1" ]; then put_off "$1"; fi
  mkdir -p "$(dirname "$1")"; mv -f "$old/kept/$1" "$1"
}

# DIRECTORY: does this for each entry of it, since programs in it may be started at the same time.
put_back_each() {
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do grep -Fxq -- "$e" "$old/copies" || put_off "$e"; done
  for e in "$old/kept/$1"/* "$old/kept/$1"/.[!.]* "$old/kept/$1"/..?*; do
    if [ -e "$e" ] || [ -L "$e" ]; then put_back "$1/${e##*/}"; fi
  done
}

# Puts back what `previous` keeps, and the files of its release. It can be interrupted and run again: `entries`
# lists what there was, and what is missing in `previous` has been put back already.
restore() {
  old=$s/previous
  [ -d "$old" ] || return 0
  mkdir -p "$s/failed"
  while IFS= read -r folder; do
    if ! grep -Fxq -- "$folder" "$old/entries"; then put_off "$folder"
    elif [ -d "$folder" ] && ! [ -L "$folder" ] && grep -Fxqs -- "$folder" "$old/copies"; then put_back_each "$folder"
    elif [ -e "$old/kept/$folder" ]; then put_back "$folder"
    fi
  done < "$old/folders"
  read -r number _ < "$old/release"
  rm -rf "$t"; mkdir "$t"
  case $number in *[!0-9]* | '') ;; *)
    m=$r/$number/manifest
    # If the manifest is incomplete, the files of the failed release stay.
    if [ -f "$m" ] && entries < "$m" > "$t/wanted" && all_there "$m"; then checkout "$number"; fi
  esac
  rm -rf "$old" "$t"
}
