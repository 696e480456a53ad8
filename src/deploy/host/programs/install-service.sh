# shellcheck shell=sh
# RUN UNITS SCRIPTS SERVICE UNIT SCRIPT, run as root: writes UNIT into the systemd directory UNITS, or SCRIPT into
# SCRIPTS, and enables SERVICE to start with the host, but does not start it now. RUN exists while systemd runs.
set -e; PATH=$PATH:/usr/sbin:/sbin
run=$1 units=$2 scripts=$3 service=$4
write() { printf '%s' "$2" > "$1.tmp"; chmod "$3" "$1.tmp"; mv -f "$1.tmp" "$1"; }
# systemd starts this host even if it is not running now, for example while an image is built.
if [ -d "$run" ] || { [ -d "$units" ] && command -v systemctl >/dev/null; }; then
  write "$units/$service.service" "$5" 644
  if [ -d "$run" ]; then systemctl daemon-reload; fi
  systemctl enable --quiet "$service.service"
  echo "$units/$service.service"
elif [ -d "$scripts" ]; then
  write "$scripts/$service" "$6" 755
  if command -v update-rc.d >/dev/null; then update-rc.d "$service" defaults >/dev/null
  elif command -v chkconfig >/dev/null; then chkconfig --add "$service"
  elif command -v rc-update >/dev/null; then rc-update -q add "$service" default
  else echo "nothing on this host enables init scripts; start $scripts/$service from its boot scripts" >&2
  fi
  echo "$scripts/$service"
else echo "neither systemd nor $scripts is on this host" >&2; exit 1
fi
