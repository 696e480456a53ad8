# shellcheck shell=sh
# Prints what is known about releases in the buildout directory $1: `log` for each of the last 5000 lines of the log
# that can be ours, `rubbish` with the number of other lines, `release` N ID for each kept release, `drift` for what
# others have changed, `as-recorded` if stat(1) shows no change at all, and `releases` at the end. With $2 = atomic,
# the changes are those in the directory of the current release. `settled` ID and `settles` PATH: if a build of that
# release, the current one, would do nothing, and what that depends on. Needs state-functions.sh before it.
# shellcheck disable=SC2154
inspect() {
  # What cannot be read must not look like "no releases".
  for d in "$1" "$1/.hostout"; do
    if ! [ -d "$d" ] || [ -L "$1/.hostout" ]; then say releases none; return; fi
    if ! [ -r "$d" ] || ! [ -x "$d" ]; then return; fi
  done
  (
    set -e; umask 077; begin "$1"
    if [ -f "$s/releases.jsonl" ]; then
      # Some awks end a line at a zero byte.
      tr '\000' '?' < "$s/releases.jsonl" | LC_ALL=C awk '
        /^\{.*\}$/ && length($0) < 4000 { print "log=" $0; next }
        NF { rubbish++ }
        END { if (rubbish) print "rubbish=" rubbish }' | tail -n 5001
    fi
    for m in "$r"/*/manifest; do
      [ -f "$m" ] || continue
      n=${m%/manifest}; n=${n##*/}
      case $n in *[!0-9]*) continue ;; esac
      oddity "$n"; [ -z "$odd" ] || continue
      read -r word id < "$m" || continue
      [ "$word" != release ] || say release "$n $id"
    done
    n=
    [ "$2" != atomic ] || n=$(live)
    if [ -n "$n" ]; then
      if [ -f "$r/$n/manifest" ] && [ -d "releases/$n" ] && ! [ -L releases ]; then
        scratch
        (cd "releases/$n" && drift "$r/$n/manifest" "$r/$n/snapshot") | sed -n '/^below /!s/^/drift=/p'
      fi
    elif [ -f "$s/checkout" ] && ! [ -e "$s/checkout.next" ]; then
      if unchanged "$s/checkout" "$s/snapshot"; then say as-recorded yes
      else
        scratch
        changes "$s/checkout" "$s/snapshot" | sed -n '/^below /!s/^/drift=/p'
      fi
    fi
    if [ "$2" != atomic ] && settled; then
      say settled "$id"
      # So many that a change touches one of them are not worth sending.
      PLACE=$(pwd -P)/ awk '
        NR == 1 { next }
        index($0 "/", ENVIRON["PLACE"]) == 1 { $0 = substr($0, length(ENVIRON["PLACE"]) + 1); if ($0 == "") $0 = "." }
        { path[NR] = $0 }
        END { if (NR <= 501) for (i = 2; i <= NR; i++) print "settles=" path[i] }' "$s/settled"
    fi
    say releases known
  )
}
