# shellcheck shell=sh
# Deletes what removed releases have left. Needs store-functions.sh before it.
# shellcheck disable=SC2030,SC2031,SC2154

# TO STEP...: prints for each keeper of a removed release how many files it keeps, and how many of them others need.
# Writes the entries of these to TO/KEEPER, unless TO is empty.
weigh() (
  to=$1; shift
  cd "$r" && TO=$to LC_ALL=C awk '
    !/^(file|link) / { if (step == "left") all[keeper] += 0; next }
    step == "named" { if (!($0 in kept)) need[$0]; next }
    step == "kept" { kept[$0]; delete need[$0]; next }
    {
      all[keeper]++
      if ($0 in need) { delete need[$0]; live[keeper]++; if (ENVIRON["TO"] != "") print > (ENVIRON["TO"] "/" keeper) }
    }
    END { for (keeper in all) print keeper, all[keeper], live[keeper] + 0 }' "$@"
)

# Deletes the files of removed releases that no remaining release needs. If the disk is full, only whole directories
# are deleted.
sweep() (
  t=$t.sweep; set --
  for k in $(keepers); do
    list_of "$k"
    case $k in
      *.left)
        # awk would print nothing for an empty list.
        if [ -s "$r/$list" ]; then set -- "$@" step=left "keeper=$k" "$list"
        else rm -rf "${r:?}/$k"; fi ;;
      *)
        set -- step=kept "$list" "$@"
        [ ! -f "$r/$k/brought" ] || set -- step=named "$k/manifest" "$@" ;;
    esac
  done
  case " $* " in *' step=left '*) ;; *) return 0 ;; esac
  trap 'rm -rf "$t"' EXIT
  clear_away "$t"
  if ! mkdir -p "$t/of" || ! weigh "$t/of" "$@" > "$t/left"; then
    weigh '' "$@" | while read -r k _ live; do [ "$live" -ne 0 ] || rm -rf "${r:?}/$k"; done
    return 1
  fi
  while read -r k all live; do
    if [ "$live" -eq 0 ]; then rm -rf "${r:?}/$k"; continue; fi
    # An archive stays as it is while more than half of it is needed.
    if [ "$live" -eq "$all" ] || { ! [ -d "$r/$k/tree" ] && [ $((live * 2)) -gt "$all" ]; }; then continue; fi
    [ "$(grep -c . "$t/of/$k")" -eq "$live" ] || continue
    unpack "$k" || { rm -rf "$r/$k/unpacked"; continue; }
    sure=; ! intact "$k" || sure=yes
    kept "$k" | beside "$t/of/$k" | paths > "$t/gone" || continue
    # Nothing is deleted through a link.
    (cd "$r/$k/tree" && above < "$t/gone" | while IFS= read -r d; do [ ! -L "./$d" ] || exit 1; done) || continue
    if ! mv "$t/of/$k" "$r/$k/brought.tmp" || ! replace "$r/$k/brought"; then continue; fi
    rm -f "$r/$k/seen"
    (cd "$r/$k/tree" && remove "$t/gone" "$r/$k/brought")
    [ "$sure" != yes ] || view "$k" > "$r/$k/seen"
  done < "$t/left"
)
