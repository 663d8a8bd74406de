# SPDX-License-Identifier: BSD-3-Clause
# Debian packages of other suites and architectures through private apt states: the system is not touched,
# and the mirror is the one that the system's own apt uses. Needs common.sh and packages.sh.

debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
archive_uri='' security_uri=''

known_archives() {
  apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | sort -u
}

# find_archives: sets archive_uri and security_uri from the system's apt; fetches its lists if it has none yet.
find_archives() {
  [ -z "$archive_uri" ] || return 0
  local known
  known=$(known_archives)
  if [ -z "$known" ]; then
    as_root apt-get -qq update || bad_input "apt has no package lists on this machine and cannot fetch them"
    known=$(known_archives)
  fi
  archive_uri=$(sed -n 's/^Debian|//p' <<<"$known" | head -n 1)
  security_uri=$(sed -n 's/^Debian-Security|//p' <<<"$known" | head -n 1)
  [ -n "$archive_uri" ] || bad_input "apt knows no Debian archive on this machine: see sources.list(5)"
  [ -n "$security_uri" ] || security_uri=${archive_uri%debian/}debian-security/
  [ -r "$debian_keyring" ] || bad_input "missing $debian_keyring: install debian-archive-keyring"
}

# apt_state NAME ARCH SUITE...: makes (or refreshes) a private state; the array apt_NAME then holds apt's options.
# ARCH "source": of source packages.
apt_state() {
  local name=$1 arch=$2 type=deb dir=$REDOUBT_CACHE/apt/$1 suite uri
  shift 2
  [ "$arch" != source ] || { type=deb-src; arch=$(dpkg --print-architecture); }
  find_archives
  mkdir -p "$dir/sources" "$dir/lists/partial" "$dir/archives/partial"
  : >"$dir/status"
  for suite; do
    case $suite in *-security) uri=$security_uri ;; *) uri=$archive_uri ;; esac
    printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: %s\nSigned-By: %s\n\n' \
      "$type" "$uri" "$suite" "$arch" "$debian_keyring"
  done >"$dir/sources/debian.sources"
  declare -g -a "apt_$name"
  local -n state_options="apt_$name"
  state_options=(
    -qq
    -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Sandbox::User=root
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300
    -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$dir/sources"
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
    -o Dir::State::Lists="$dir/lists" -o Dir::State::Status="$dir/status"
    -o Dir::Cache="$dir" -o Dir::Cache::Archives=archives)
  apt-get "${state_options[@]}" update
}

# state_show STATE PACKAGE FIELD: a field of the newest version of a package in a private state.
state_show() {
  local -n show_options="apt_$1"
  apt-cache "${show_options[@]}" show --no-all-versions "$2" 2>/dev/null | sed -n "s/^$3: //p" | head -n 1
}

# state_depends STATE PACKAGE PATTERN: the first dependency whose name matches the extended regular expression.
state_depends() {
  local names
  names=$(state_show "$1" "$2" Depends | tr ',' '\n' | sed 's/^ *//; s/[ (|].*//')
  grep -Ex -m 1 "$3" <<<"$names" || fail "the package $2 names no dependency like $3: it has changed"
}

# state_download STATE DIR PACKAGE...: puts the .deb files into DIR; stale files of the same names are replaced.
state_download() {
  local -n download_options="apt_$1"
  local dir=$2
  shift 2
  mkdir -p "$dir"
  (cd "$dir" && apt-get "${download_options[@]}" download "$@")
}

# state_source STATE DIR PACKAGE: unpacks the newest source package into a folder below DIR, Debian's patches applied.
state_source() {
  local -n source_options="apt_$1"
  require_command dpkg-source dpkg-dev
  mkdir -p "$2"
  (cd "$2" && apt-get "${source_options[@]}" source "$3")
}
