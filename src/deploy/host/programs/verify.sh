# shellcheck shell=sh
# PATH: compares the releases on the host with their manifests. If the directory of the current release has an intact
# copy of a damaged file, that copy replaces it: `mended PATH`. Other damaged files wait for the next release that
# brings them: `damaged N PATH`. `odd N WHAT`: release N does not count, because WHAT cannot be ours. Needs the
# functions before it.
# shellcheck disable=SC2034,SC2154
set -e; umask 027; begin "$1"; working "verifying the releases"
trap 'rm -rf "$t"; flock -u 8' EXIT
rm -rf "$t"; mkdir -p "$t"
# `place` moves there what is in the way.
replaced=$t/dropped
n=$(live)
[ -z "$n" ] || cd "releases/$n"
for k in "$r"/*; do
  n=${k##*/}
  case $n in *[!0-9]*) case $n in [0-9]*.left) ;; *) continue ;; esac ;; esac
  oddity "$n"; [ -z "$odd" ] || echo "odd ${n%%.*} $odd"
done
: > "$t/broken"
for n in $(keepers); do
  harmed "$n" > "$t/lost"
  if ! [ -s "$t/lost" ]; then view "$n" > "$r/$n/seen"; continue; fi
  rm -f "$r/$n/seen"
  differences "$t/lost" | sed 's/^[a-z]* //' > "$t/elsewhere"
  but "$t/elsewhere" < "$t/lost" > "$t/mended"
  only "$t/elsewhere" < "$t/lost" >> "$t/broken"
  if [ -s "$t/mended" ]; then mend "$PWD"; paths < "$t/mended" | sed 's/^/mended /'; fi
done
cat "$t/broken" >> "$s/damaged"
for n in $(keepers); do
  case $n in *.left) continue ;; esac
  entries < "$r/$n/manifest" > "$t/wanted"
  all_there "$r/$n/manifest" || { echo "damaged $n manifest"; continue; }
  holders "$n" "$t/wanted" > "$t/keepers"
  { among "$t/broken" < "$t/wanted"; cat "$t/lacking"; } | paths | sed "s/^/damaged $n /"
done
