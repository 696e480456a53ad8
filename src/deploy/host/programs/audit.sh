# shellcheck shell=sh
# PATH: prints who has blocked deployments by hand, and until when. Needs owner-functions.sh before it.
s=$1/.hostout
[ ! -f "$s/holds.jsonl" ] || LC_ALL=C awk 'length($0) < 4000' "$s/holds.jsonl" | tail -n 2000
owner hold
exit 0
