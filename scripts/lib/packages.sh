# SPDX-License-Identifier: BSD-3-Clause
# Installs Debian packages from a list, only what is missing, asking once on a terminal. Needs common.sh.

assume_yes=${assume_yes:-no}

# as_root COMMAND...: runs it as root, by sudo if need be; status 125 when there is no way.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else return 125; fi
}

can_be_root() { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }

# listed_packages FILE...: the names in package lists, comments and blank lines removed.
listed_packages() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@"; }

installed_version() {  # PACKAGE: its version if it is installed, else nothing
  dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p' | head -n 1
}

missing_packages() {  # NAME...: those that are not installed
  local name
  for name; do [ -n "$(installed_version "$name")" ] || printf '%s\n' "$name"; done
}

# confirm_install NAME...: shows the names, asks once on a terminal. Without one, or with --yes, goes on.
confirm_install() {
  say "Debian packages to install ($#): $*"
  [ "$assume_yes" = no ] && [ -t 0 ] && [ -t 1 ] || return 0
  local answer
  read -r -p "    Install them with apt-get? [Y/n] " answer
  case $answer in '' | [yY]*) ;; *) bad_input "nothing was installed: these packages are needed" ;; esac
}

apt_install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0
  --no-install-recommends)

# install_packages NAME...: installs what is missing of them.
install_packages() {
  local names
  mapfile -t names < <(missing_packages "$@")
  ((${#names[@]})) || return 0
  can_be_root || bad_input "packages are missing and there is neither root nor sudo here; as root run:
  apt-get install --no-install-recommends ${names[*]}"
  confirm_install "${names[@]}"
  if ! apt-cache show "${names[@]}" >/dev/null 2>&1; then as_root apt-get -qq update; fi
  as_root "${apt_install[@]}" install "${names[@]}" >/dev/null ||
    { as_root apt-get -qq update && as_root "${apt_install[@]}" install "${names[@]}"; } ||
    fail "apt-get could not install: ${names[*]}"
}
