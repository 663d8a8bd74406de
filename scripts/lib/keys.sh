# SPDX-License-Identifier: BSD-3-Clause
# The development key: made once for each clone, by the tools that were built; never part of the sources. Needs common.sh.

# development_key TOOLS_DIR: leaves build/keys/redoubt.key (signs bundles) and build/keys/redoubt.pub (to pack), and
# sets `keys` to their folder.
development_key() {
  local sign=$1/bin/redoubt-sign lock
  keys=$redoubt_root/build/keys
  require_file "$sign" "cmake --preset tools && cmake --build build/tools makes it"
  mkdir -p "$keys"
  exec {lock}>"$keys/.lock"
  flock "$lock"
  [ -e "$keys/redoubt.pub" ] || "$sign" keygen "$keys" >/dev/null
  exec {lock}>&-
}
