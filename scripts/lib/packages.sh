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

apt_options=(-qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 --no-install-recommends)

# apt_quietly COMMAND...: apt's own words go to a log, which is shown if it fails.
apt_quietly() {
  local log=$redoubt_root/build/apt.log
  mkdir -p "${log%/*}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "${apt_options[@]}" "$@" >"$log" 2>&1 && return 0
  grep -E '^[EW]:' "$log" >&2 || tail -n 20 "$log" >&2
  return 1
}

# install_packages NAME...: installs what is missing of them. Stale package lists are fetched anew.
install_packages() {
  local names
  mapfile -t names < <(missing_packages "$@")
  ((${#names[@]})) || return 0
  can_be_root || bad_input "packages are missing and there is neither root nor sudo here; as root run:
  apt-get install --no-install-recommends ${names[*]}"
  confirm_install "${names[@]}"
  step "installing ${#names[@]} packages" apt_with_fresh_lists "${names[@]}" ||
    fail "apt-get could not install: ${names[*]}"
}

apt_with_fresh_lists() {
  if apt-get -s -qq --no-install-recommends install "$@" >/dev/null 2>&1; then
    apt_quietly install "$@" && return 0 # fails where the lists are older than the mirror
  fi
  apt_quietly update && apt_quietly install "$@"
}
