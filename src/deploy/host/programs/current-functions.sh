# shellcheck shell=sh
# What happens when another release becomes the current one. Needs state-functions.sh, checkout-functions.sh,
# store-functions.sh and crontab-functions.sh before it.
# shellcheck disable=SC2154

# TARGET: points `current` there, without a moment in which there is no such link. mv renames the new link into a
# directory: if the old link itself were the target, mv would follow it.
point() {
  rm -rf "$s/link"; mkdir "$s/link"
  ln -s "$1" "$s/link/current"
  mv -f "$s/link/current" .
  rm -rf "$s/link"
  sync . 2>/dev/null || :
}

# N: removes release N, except the one that `current` points to, and except files that `sweep` may find to be needed.
# `stays N`: not all of its directory can be removed.
drop() {
  [ "$1" != "$(live)" ] || return 0
  if [ -e "$r/$1/directory" ]; then
    echo making > "$r/$1/directory"
    rm -rf "${PWD:?}/releases/$1" 2>/dev/null || { echo "stays $1"; return 0; }
  fi
  retire "$1"
  clear_away "$s/replaced/$1" "$s/replaced/$1"+*
}

# N: prints the seconds since its files began to be put in place, or null.
took() {
  if read -r attempt start < "$s/attempt" && [ "$attempt" = "$1" ]; then echo $(($(date +%s) - start)); else echo null; fi
} 2>/dev/null

# DIRECTORY: removes the crontab entries of this user that belong to parts of releases, except those of the buildout
# in DIRECTORY.
settle_crontab() { identifiers "$1" | settle_entries "$s/crontab"; }

# Lets the group write to what was created in var.
share_var() {
  [ ! -d var ] || find var -user "$(id -un)" ! -type l ! -perm -020 -exec chmod g+w {} +
}
