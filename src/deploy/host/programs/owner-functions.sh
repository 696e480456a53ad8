# shellcheck shell=sh
# Who has the locks of a buildout directory. Needs lock-functions.sh before it.

# FILE: if it exists, prints a line `FILE-`, and its content as lines FILE-KEY=VALUE.
# shellcheck disable=SC2154
owner() {
  if ! [ -f "$s/$1" ] || ! [ -r "$s/$1" ]; then return 0; fi
  echo "$1-"
  head -c 2000 "$s/$1" | LC_ALL=C tr '\000-\011\013-\037\177' '?' | LC_ALL=C sed "s/^/$1-/"
  echo
}

# LINE: adds it to the log of holds by hand, with the current time. A full disk does not prevent the lock.
# shellcheck disable=SC2154
held() {
  printf '%s\n' "$1" | sed "s/\"start\":null/\"start\":\"$(now)\"/" >> "$s/holds.jsonl"
}
