# shellcheck shell=sh
# Sets $1, $2, ... for the program after it to words on standard input: their number of lines, and the words, quoted for
# sh. What follows them there stays. Status 97: they have not come, so nothing was done.
IFS= read -r count || exit 97
words=
while [ "$count" -gt 0 ]; do
  IFS= read -r line || exit 97
  words="$words$line
"
  count=$((count - 1))
done
eval "set -- $words"
