#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Is docs/reference/theorems.md what the program says? theorem_page.sh TOOL
set -euo pipefail

if (( $# != 1 )); then
  printf 'usage: theorem_page.sh REDOUBT-VERIFY\n' >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
"$1" --markdown "$fresh" --baseline "$root/tests/proof/baseline.json"
if ! diff -u "$root/docs/reference/theorems.md" "$fresh"; then
  printf 'error: docs/reference/theorems.md is stale: redoubt-verify --markdown docs/reference/theorems.md --baseline tests/proof/baseline.json\n' >&2
  exit 1
fi
printf 'the theorem page is up to date\n'
