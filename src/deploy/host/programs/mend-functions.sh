# shellcheck shell=sh
# Finds and replaces damaged files of releases. Needs store-functions.sh before it.
# shellcheck disable=SC2154

# KEEPER: reads everything that it keeps, and prints the entries that are missing or damaged.
harmed() {
  kept "$1" > "$t/kept"
  from=$r/$1/tree
  if ! [ -d "$from" ]; then mkdir -p "$t/of"; paths < "$t/kept" > "$t/of/$1"; extract "$1"; fi
  (cd "$from" && differences "$t/kept") | sed 's/^[a-z]* //' > "$t/names"
  only "$t/names" < "$t/kept"
}

# FROM: copies the entries in `mended` from the directory FROM to all keepers of them.
mend() {
  for k in $(keepers); do
    kept "$k" | among "$t/mended" > "$t/theirs"
    [ -s "$t/theirs" ] || continue
    unpack "$k"
    rm -rf "$r/$k/mended" "$r/$k/seen"; mkdir "$r/$k/mended"
    paths < "$t/theirs" | (cd "$1" && copies "$r/$k/mended")
    (cd "$r/$k/tree" && place "$r/$k/mended") > /dev/null
    rm -rf "$r/$k/mended"
  done
}
