# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Sourced: the compilation database of what a script builds, for clang-tidy.

# write_compile_database FILE COMMAND SOURCE...: FILE says that each source is compiled by COMMAND.
write_compile_database() {
  local file=$1 command=$2 source separator='['
  shift 2
  mkdir -p "$(dirname "$file")"
  for source; do
    printf '%s\n{"directory": "%s", "file": "%s",\n "command": "%s -o %s.o -c %s"}' "$separator" "$root" "$source" \
      "$command" "$(basename "$source")" "$source"
    separator=,
  done >"$file.new"
  echo ']' >>"$file.new"
  mv "$file.new" "$file"
}
