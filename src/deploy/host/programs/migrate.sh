# shellcheck shell=sh
# PATH CACHE: converts the state that version 2.0.0-alpha.1 kept: `files`, lines HASH MODE PATH of release
# `unpacked`; `current`; the log `releases`, lines TIME ID; `previous`, what to put back after a failed build;
# and archives of releases in the cache. It can be interrupted and run again. Needs the functions before it.
# shellcheck disable=SC2154
set -e; umask 027; begin "$1"; working "bringing the state up to date"
p=$s/previous
trap 'rm -rf "$t"; flock -u 8' EXIT
rm -rf "$t"; mkdir -p "$t"
if [ -f "$p/added" ]; then
  while IFS= read -r e; do
    if grep -Fxq -- "$e" "$p/entries"; then
      [ -e "$p/kept/$e" ] || continue
      rm -rf "./$e"; mkdir -p "$(dirname "$e")"; mv -f "$p/kept/$e" "$e"
    else rm -rf "./$e"
    fi
  done < "$p/folders"
  tr '\n' '\0' < "$p/added" | xargs -r0 rm -f --
  [ ! -s "$p/replaced" ] || tar -xf "$p/files.tar"
  cp "$p/files" "$s/files.tmp"; mv -f "$s/files.tmp" "$s/files"
  cp "$p/unpacked" "$s/unpacked.tmp"; mv -f "$s/unpacked.tmp" "$s/unpacked"
  rm -rf "$p"
fi
id() { LC_ALL=C sed -n '1s/^\([0-9]* \)\{0,1\}\([0-9a-f]\{12\}\)$/\2/p' "$s/$1" 2>/dev/null || :; }
if [ -f "$r" ]; then
  LC_ALL=C awk '$1 ~ /^[-0-9T:]+Z$/ && $2 ~ /^[0-9a-f]+$/ && length($2) == 12 && $2 != last {
    last = $2; printf "{\"number\":%d,\"id\":\"%s\",\"start\":\"%s\",\"result\":\"ok\"}\n", ++n, $2, $1
  }' "$r" > "$s/releases.jsonl.tmp"
  replace "$s/releases.jsonl"
  mv -f "$r" "$s/releases.old"
fi
mkdir -p "$r"
current=$(id current) unpacked=$(id unpacked) number=
if [ -n "$current" ]; then
  number=$(sed -n "s/^{\"number\":\([0-9]*\),\"id\":\"$current\".*/\1/p" "$s/releases.jsonl" 2>/dev/null | tail -n 1)
  if [ -z "$number" ]; then
    number=$(($(grep -c . "$s/releases.jsonl" 2>/dev/null || :) + 1))
    note "{\"number\":$number,\"id\":\"$current\",\"result\":\"ok\"}"
  fi
fi
LC_ALL=C sed -n 's/^\([0-9a-f]*\) 777 /link 777 \1 /p; t
  s/^\([0-9a-f]*\) \([0-7][0-7][0-7]\) /file \2 \1 /p' "$s/files" 2>/dev/null | entries > "$t/entries"
# Files in place of the current release are kept as they are: a failed build restores them.
if [ -n "$number" ] && [ "$current" = "$unpacked" ]; then
  differences "$t/entries" > "$t/drift"
  sed -n '/^changed /!s/^[a-z]* //p' "$t/drift" > "$t/lost"
  sed -n 's/^changed //p' "$t/drift" > "$t/edited"
  but "$t/lost" < "$t/entries" > "$t/put"
  rm -rf "$t/stage" "${r:?}/$number"; mkdir -p "$t/stage" "$r/$number"
  fill_stage "$PWD"
  {
    echo "release $current"
    but "$t/edited" < "$t/put"
    only "$t/edited" < "$t/put" | while read -r kind mode _ path; do
      if [ "$kind" = link ]; then h=$(readlink -n "./$path" | sha256sum); else h=$(sha256sum < "./$path"); fi
      echo "$kind $mode ${h%% *} $path"
    done
  } > "$r/$number/manifest"
  mv "$t/stage" "$r/$number/tree"
fi
{ echo "release ${unpacked:-none}"; echo "number ${number:-0}"; cat "$t/entries"; } > "$s/checkout.tmp"
replace "$s/checkout"
if [ -n "$number" ]; then printf '%s %s\n' "$number" "$current" > "$s/current.tmp"; replace "$s/current"; else rm -f "$s/current"; fi
for b in "$2/downloads/dist" "$2/downloads/bundles"; do rm -f "$b"/deploy_????????????.tgz "$b"/deploy_????????????_from_*.tgz; done
rmdir "$2/downloads/bundles" 2>/dev/null || :
rm -f "$s/unpacked" "$s/releases.old" "$s/files"
