# SPDX-License-Identifier: BSD-3-Clause
# Package lists and presets. Needs common.sh and packages.sh.

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
  NINJA_STATUS='    [%f/%t %es] ' cmake --build "$redoubt_root/build/$preset" --parallel "$(nproc)" ${1:+--target "$@"} ||
    fail "the preset $preset does not build"
}
