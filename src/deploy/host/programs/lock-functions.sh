# shellcheck shell=sh
# The state of a buildout directory, whose own directory is $s, has two files that flock(1) locks: `lock`
# for the one who deploys, and `working` for all programs of that deployment, together, so that those
# that outlive it still keep others out. Each file names who has it, and `hold` a person who keeps
# deployments out.

# TEXT: from now on this program, and what it starts, is at work in the current directory. A daemon
# that it leaves behind has the file open, too, but no lock any more.
working() {
  exec 8>> .hostout/working
  flock -s 8
  trap 'flock -u 8' EXIT
  printf 'what=%s\nsince=%s\npid=%s\n' "$1" "$(now)" $$ > .hostout/working
}

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# FILE: that it is there, as a line `FILE-`, and what it says, as lines FILE-KEY=VALUE.
# shellcheck disable=SC2154
owner() {
  if ! [ -f "$s/$1" ] || ! [ -r "$s/$1" ]; then return 0; fi
  echo "$1-"
  head -c 2000 "$s/$1" | LC_ALL=C tr '\000-\011\013-\037\177' '?' | LC_ALL=C sed "s/^/$1-/"
  echo
}

# LINE: adds it to the log of holds by hand, with the time of now. A full disk keeps nobody from the lock.
# shellcheck disable=SC2154
held() {
  printf '%s\n' "$1" | sed "s/\"start\":null/\"start\":\"$(now)\"/" >> "$s/holds.jsonl"
}
