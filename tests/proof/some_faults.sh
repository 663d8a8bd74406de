#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A share of the seeded faults, picked by the hash of the commit that is tested: some_faults.sh TOOL PARTS
set -euo pipefail

if (( $# != 2 )); then
  printf 'usage: some_faults.sh REDOUBT-VERIFY PARTS\n' >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Without a repository (a source archive) there is no commit: the first share then.
commit=$(git -C "$root" rev-parse HEAD 2>/dev/null || printf '0')
printf 'commit %s\n' "$commit"
exec "$1" --faults --jobs 2 --share "$2" --pick "$commit"
