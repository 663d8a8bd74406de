# SPDX-License-Identifier: BSD-3-Clause
# Building presets, and what a boot needs beyond them. Needs common.sh and packages.sh.

install_from_lists() {
  local names
  mapfile -t names < <(cd "$redoubt_root" && listed_packages "$@")
  install_packages "${names[@]}"
}

# build_preset PRESET [TARGET...]: configures and builds in build/PRESET. Configures again only if need be.
build_preset() {
  local preset=$1 log=$redoubt_root/build/$1.configure.log
  shift
  mkdir -p "$redoubt_root/build"
  (cd "$redoubt_root" && cmake --preset "$preset" -DREDOUBT_CACHE="$REDOUBT_CACHE" >"$log" 2>&1) ||
    { cat "$log" >&2; fail "cmake cannot configure the preset $preset"; }
  NINJA_STATUS='    [%f/%t %es] ' cmake --build "$redoubt_root/build/$preset" ${1:+--target "$@"} ||
    fail "the preset $preset does not build"
}

# pack_image EL2_PRESET KERNEL OUTPUT: core and kernel in one bootable file.
pack_image() {
  local preset=$1 kernel=$2 output=$3 core tool
  core=$redoubt_root/build/$preset/boot/redoubt.bin
  tool=$redoubt_root/build/tools/tools/redoubt-pack
  require_file "$core" "the preset $preset makes it"
  require_file "$tool" "the preset tools makes it"
  "$tool" --core "$core" --kernel "$REDOUBT_CACHE/kernel-$kernel/Image" --output "$output"
}

# build_initramfs KERNEL OUT_DIR: OUT_DIR/initramfs.cpio.gz with the test module for that kernel.
build_initramfs() {
  require_file "$redoubt_root/guest/build-initramfs" "it makes the host's initial file system"
  "$redoubt_root/guest/build-initramfs" "$1" "$2"
}
