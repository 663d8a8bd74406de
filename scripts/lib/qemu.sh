# SPDX-License-Identifier: BSD-3-Clause
# Finds or installs the emulator: QEMU 10 or newer, from backports on Debian 12. Needs common.sh, packages.sh
# and apt-state.sh.

qemu_wanted=10 qemu_oldest=7.2

# qemu_version: empty if there is none.
qemu_version() {
  command -v qemu-system-aarch64 >/dev/null || return 0
  qemu-system-aarch64 --version | sed -n 's/.*version \([0-9][0-9.]*\).*/\1/p' | head -n 1
}

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }  # VERSION LEAST

# qemu_from_backports: installs QEMU of the suite's backports with the system's own package state.
qemu_from_backports() {
  apt_state qemu "$(dpkg --print-architecture)" bookworm bookworm-security bookworm-backports || return 1
  apt_quietly "${apt_qemu[@]}" -o Dir::State::Status=/var/lib/dpkg/status -t bookworm-backports install qemu-system-arm
}

# install_qemu: the newest there is, from backports where the suite's own is too old.
install_qemu() {
  if [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = bookworm ]; then
    confirm_install "qemu-system-arm (from bookworm-backports)"
    step "installing QEMU from backports" qemu_from_backports && return 0
    warn "backports cannot be reached: using the suite's own QEMU"
  fi
  install_packages qemu-system-arm
}

# ensure_qemu: leaves a usable qemu-system-aarch64, or stops with what to do.
ensure_qemu() {
  local version
  version=$(qemu_version)
  if [ -n "$version" ] && at_least "$version" "$qemu_wanted"; then return 0; fi
  if can_be_root; then
    install_qemu
    version=$(qemu_version)
  fi
  [ -n "$version" ] || bad_input "QEMU is missing; as root run: apt-get install --no-install-recommends qemu-system-arm"
  at_least "$version" "$qemu_oldest" || bad_input "QEMU $version is too old: $qemu_oldest works, $qemu_wanted is the reference"
  at_least "$version" "$qemu_wanted" ||
    warn "QEMU $version: works, but recorded counts hold for QEMU $qemu_wanted, and some checks are skipped"
}
