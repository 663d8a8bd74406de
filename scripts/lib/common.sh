# SPDX-License-Identifier: BSD-3-Clause
# Messages, paths and timing that every script shares. Sourced, never run.

redoubt_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
REDOUBT_CACHE=${REDOUBT_CACHE:-$redoubt_root/build/cache}
case $REDOUBT_CACHE in /*) ;; *) REDOUBT_CACHE=$PWD/$REDOUBT_CACHE ;; esac
export REDOUBT_CACHE

say() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }

# Exit codes: 1 something was tried and failed, 2 the input cannot be used, 3 the tool itself is broken.
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
bad_input() { printf 'error: %s\n' "$*" >&2; exit 2; }

# usage_error MESSAGE: bad command line; names the help.
usage_error() { printf 'error: %s\n(%s --help lists the options)\n' "$1" "${0##*/}" >&2; exit 2; }

# step TEXT COMMAND...: says what starts, runs it, says how long it took. Returns the command's status; where the
# shell stops at errors, it stops at the failing command inside, because nothing here catches it.
step() {
  local text=$1 start=$SECONDS status
  shift
  say "$text"
  "$@"
  status=$?
  if ((status == 0)); then note "done in $((SECONDS - start)) s"; else note "failed after $((SECONDS - start)) s"; fi
  return "$status"
}

# require_file PATH HINT: a clear stop when an input is missing.
require_file() { [ -e "$1" ] || bad_input "missing ${1#"$redoubt_root/"}: $2"; }

# require_command NAME PACKAGE
require_command() { command -v "$1" >/dev/null || bad_input "the command $1 is missing: install the Debian package $2"; }
