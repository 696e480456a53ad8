# shellcheck shell=sh
# COPIES: prints version, `npm` or `none`, and path of the Node on PATH and of those in COPIES.
for n in "$(command -v node || command -v nodejs)" "$1"/*/bin/node; do
  [ -x "$n" ] || continue
  v=$("$n" --version 2>/dev/null) || continue
  if [ -e "${n%/*}/npm" ] || command -v npm >/dev/null; then m=npm; else m=none; fi
  printf '%s %s %s\n' "$v" "$m" "$n"
done
