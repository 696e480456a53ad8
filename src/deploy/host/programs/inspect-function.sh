# shellcheck shell=sh
# Prints what there is of releases in the buildout folder $1: `log` for each line of the log that can be one
# of ours, the last 5000 of them, and `rubbish` with the number of others, `release`
# N ID for each that is kept, `drift` for what others have changed, and `releases` at the end of all of
# it. With $2 = atomic, that is what they have changed in the directory of the current release.
# state-functions.sh comes first.
# shellcheck disable=SC2154
inspect() {
  # What nobody could see is not "no releases".
  for d in "$1" "$1/.hostout"; do
    if ! [ -d "$d" ] || [ -L "$1/.hostout" ]; then say releases none; return; fi
    if ! [ -r "$d" ] || ! [ -x "$d" ]; then return; fi
  done
  (
    set -e; umask 077; begin "$1"
    scratch
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
        (cd "releases/$n" && drift "$r/$n/manifest" "$r/$n/snapshot") | sed -n '/^below /!s/^/drift=/p'
      fi
    elif [ -f "$s/checkout" ] && ! [ -e "$s/checkout.next" ]; then
      drift "$s/checkout" "$s/snapshot" | sed -n '/^below /!s/^/drift=/p'
    fi
    if [ "$2" != atomic ] && settled; then say settled "$id"; fi
    say releases known
  )
}
