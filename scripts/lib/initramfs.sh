# SPDX-License-Identifier: BSD-3-Clause
# Initial file systems: the same inputs give the same bytes. Needs common.sh; the trap of its user removes $tree.

# new_tree INIT FOLDER...: a fresh folder $tree with busybox, an init script and empty folders.
new_tree() {
  local init=$1 folder
  shift
  require_file "$REDOUBT_CACHE/busybox-arm64/busybox" "run scripts/guest-inputs busybox-arm64"
  tree=$(mktemp -d)
  for folder in bin dev etc lib proc sys tmp "$@"; do mkdir "$tree/$folder"; done
  install -m 0755 "$init" "$tree/init"
  install -m 0755 "$REDOUBT_CACHE/busybox-arm64/busybox" "$tree/bin/busybox"
  ln -s busybox "$tree/bin/sh"
}

# add_module FILE: a kernel module, without what only debuggers read.
add_module() {
  install -m 0644 "$1" "$tree/lib/"
  aarch64-linux-gnu-strip --strip-debug "$tree/lib/$(basename "$1")"
}

# pack_tree OUTPUT [GZIP_LEVEL]: sorted names, no times, no owners; compressed where OUTPUT ends in .gz.
pack_tree() {
  require_command cpio cpio
  local packer=(cat)
  [[ $1 != *.gz ]] || packer=(gzip "-${2:-9}n")
  find "$tree" -exec touch -h -d @0 {} +
  (cd "$tree" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort |
    cpio --quiet --create --format=newc --owner=+0:+0 --reproducible) | "${packer[@]}" >"$1.new"
  mv "$1.new" "$1"
}
