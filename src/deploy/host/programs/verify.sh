# shellcheck shell=sh
# PATH: compares the releases that the host keeps with their manifests. A damaged file that the directory of
# the current release has whole goes from there to all releases that name it: `mended PATH`. Others are left to
# the next release that brings them: `damaged N PATH`. `odd N WHAT`: release N does not count, because of what
# lies there. The functions come first.
# shellcheck disable=SC2034,SC2154
set -e; umask 027; begin "$1"; working "verifying the releases"
trap 'rm -rf "$t"; flock -u 8' EXIT
rm -rf "$t"; mkdir -p "$t"
# For `place`, which keeps what is in the way.
replaced=$t/dropped
n=$(live)
[ -z "$n" ] || cd "releases/$n"
for kept in "$r"/*; do
  n=${kept##*/}
  case $n in *[!0-9]*) continue ;; esac
  oddity "$n"; [ -z "$odd" ] || { echo "odd $n $odd"; continue; }
  kept=$kept/manifest
  [ -f "$kept" ] || continue
  entries < "$kept" > "$t/wanted"
  all_there "$kept" || { echo "damaged $n manifest"; continue; }
  unfold "$n"
  (cd "$r/$n/tree" && differences "$t/wanted") | sed 's/^[a-z]* //' > "$t/names"
  [ -s "$t/names" ] || continue
  only "$t/names" < "$t/wanted" > "$t/lost"
  differences "$t/lost" | sed 's/^[a-z]* //' > "$t/elsewhere"
  but "$t/elsewhere" < "$t/lost" > "$t/mended"
  only "$t/elsewhere" < "$t/lost" > "$t/damaged"
  cat "$t/damaged" >> "$s/damaged"
  if [ -s "$t/mended" ]; then mend "$PWD"; paths < "$t/mended" | sed 's/^/mended /'; fi
  paths < "$t/damaged" | sed "s/^/damaged $n /"
done
