# shellcheck shell=sh
# Puts back what `previous` holds. It can be cut off and run again: `entries` says what there was,
# and what has gone from `previous` is back already.
restore() {
  s=.hostout p=.hostout/previous
  [ -d $p ] || return 0
  mkdir -p $s/failed
  while IFS= read -r e; do
    if grep -Fxq -- "$e" $p/entries; then
      [ -e "$p/kept/$e" ] || continue
      rm -rf "$s/failed/$e"
      if [ -e "$e" ]; then mkdir -p "$(dirname "$s/failed/$e")"; mv -f "$e" "$s/failed/$e"; fi
      mkdir -p "$(dirname "$e")"; mv -f "$p/kept/$e" "$e"
    elif [ -e "$e" ]; then
      rm -rf "$s/failed/$e"; mkdir -p "$(dirname "$s/failed/$e")"; mv -f "$e" "$s/failed/$e"
    fi
  done < $p/folders
  tr '\n' '\0' < $p/added | xargs -0 rm -f --
  [ ! -s $p/replaced ] || tar -xf $p/files.tar
  cp $p/files $s/files.tmp && mv -f $s/files.tmp $s/files
  cp $p/unpacked $s/unpacked.tmp && mv -f $s/unpacked.tmp $s/unpacked
  rm -rf $p
}
