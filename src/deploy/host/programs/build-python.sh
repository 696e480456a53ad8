# shellcheck shell=sh
# WORK ARCHIVE UNPACK PREFIX: builds the Python that is packed in WORK/ARCHIVE and installs it into
# PREFIX. UNPACK is tar's option for it.
set -e; umask 027; cd "$1"; tar "$3" "$2"; cd ./*/
./configure --prefix="$4"
make -j"$(nproc 2>/dev/null || echo 1)"
make install
"$4/bin/python3" --version
