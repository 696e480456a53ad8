# shellcheck shell=sh
# PATH CACHE OWNER PART..., run as root: what else than the parts root has made becomes OWNER's, a
# USER:GROUP. Of the parts themselves the folders do; their files stay root's.
path=$1 cache=$2 owner=$3; shift 3
for part; do
  shift; set -- "$@" -path "./parts/$part/*" ! -type d -o
done
cd "$path" && find . -path ./var -prune -o "$@" -uid 0 -exec chown -h "$owner" {} +
[ ! -d "$cache" ] || find "$cache" -uid 0 -exec chown -h "$owner" {} +
