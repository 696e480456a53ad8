# shellcheck shell=sh
# PATH CACHE WHO WHAT RUN WAIT RELEASES: takes the lock of the buildout directory PATH for WHO, who does WHAT.
# Prints what probe-function.sh finds, then `locked`, and keeps the lock until its input ends; each line of the input
# is a new WHAT. Prints `foreign` if something there cannot be ours. Waits WAIT seconds for another
# deployment. If WAIT is empty, waits only for one of the same RUN, and for programs that outlived their
# deployment. WAIT=handover: we have the lock already, in a session that is about to end.
# With three more words, ENGINE SIZE LAUNCHER, creates the directories first, and sets them up under the lock.
# Needs owner-functions.sh and probe-function.sh before it and, for those words, set-up-functions.sh.
umask 077
[ $# -eq 7 ] || make_place "$1" "$2"
s=$1/.hostout who=$3 run=$5 wait=$6
[ -z "$(foreign "$1")" ] || { probe "$1" "$2" no; echo foreign; exit 0; }
if ! [ -e "$s" ]; then
  { [ -d "$1" ] && mkdir -m 750 "$s" 2>/dev/null; } || [ -d "$s" ] || { probe "$1" "$2" "$7"; echo unlocked; exit 0; }
fi
command -v flock >/dev/null || { echo no-flock; exit 0; }
for f in "$s/working" "$s/lock"; do
  if ( : >> "$f" ) 2>/dev/null; then continue; fi
  [ -e "$f" ] || f=$s
  if [ -w "$f" ]; then continue; fi
  echo "$(id -un) may not write $f, which belongs to $(stat -c %U "$f")." >&2
  exit 1
done
exec 8>> "$s/working" 9>> "$s/lock"

# Records what is being done, for people to read. A full disk does not prevent the lock.
note() {
  printf 'who=%s\nwhat=%s\nsince=%s\npid=%s\nrun=%s\n' "$who" "$1" "$since" $$ "$run" > "$s/lock"
} 2>/dev/null

# Takes both locks or none, so that no deployment waits for another one that is waiting.
take() {
  busy=lock; flock -n 9 || return 1
  busy=working; flock -n 8 && return; flock -u 9; return 1
}

free() { [ ! -e "$s/hold" ] || { owner hold; echo held; exit 0; }; }

if [ "$wait" = handover ]; then
  # If another deployment gets `lock` when that session ends, it does not get `working`, and so gives up `lock`.
  flock -s 8; echo waiting; flock 9
  since=$(sed -n 's/^since=//p' "$s/lock")
else
  free
  # Programs that only look hold a lock for a moment, and a deployment may be about to end.
  take || {
    sleep 1
    until take; do
      owner "$busy"
      if [ "$busy" = lock ] && grep -Fqx "run=$run" "$s/lock"; then :
      elif [ "$busy" = working ] && [ -z "$wait" ]; then :
      elif [ "${wait:-0}" -gt 0 ]; then wait=$((wait - 1))
      else echo busy; exit 0
      fi
      # If nobody reads the output anymore, this fails and ends the program.
      echo waiting || exit 1
      sleep 1
      free
    done
  }
  flock -u 8
  free
  since=$(now)
fi
note "$4"
if [ $# -gt 7 ]; then
  set_up "$1" "$2" "$8" "$9" "${10}"
  status=$?
  [ $status -eq 0 ] || exit $status
fi
probe "$1" "$2" "$7"; echo locked
while IFS= read -r what; do note "$what"; done
