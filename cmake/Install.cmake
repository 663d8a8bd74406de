# SPDX-License-Identifier: BSD-3-Clause
# The installed CMake package "redoubt": the header-only target redoubt::npt, the stage-2 page-table layers.
#   cmake --install BUILD --component npt --prefix WHERE
# See docs/library.md.

if(REDOUBT_EL2)
  return()
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(redoubt_npt INTERFACE)
add_library(redoubt::npt ALIAS redoubt_npt)
set_target_properties(redoubt_npt PROPERTIES EXPORT_NAME npt)
target_compile_features(redoubt_npt INTERFACE cxx_std_20)
target_include_directories(redoubt_npt INTERFACE
  "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/redoubt>")

# Headers keep their paths below include/redoubt, which is what users have on their include path. All of core/ goes along:
# the stage-2 layers stand on headers of several of its folders.
foreach(folder abi core machine/bench)
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/${folder}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/redoubt/${folder}"
    COMPONENT npt FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
endforeach()
install(FILES "${CMAKE_SOURCE_DIR}/machine/domain/index_loops.hpp"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/redoubt/machine/domain" COMPONENT npt)

set(package_to "${CMAKE_INSTALL_LIBDIR}/cmake/redoubt")
install(TARGETS redoubt_npt EXPORT redoubt-targets COMPONENT npt)
install(EXPORT redoubt-targets NAMESPACE redoubt:: DESTINATION "${package_to}" COMPONENT npt FILE redoubt-config.cmake)
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/redoubt-config-version.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/redoubt-config-version.cmake" DESTINATION "${package_to}" COMPONENT npt)
install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT npt)

# A user's view: install into a scratch folder, build the example against that alone, run it.
if(NOT REDOUBT_ONLY_LABELS)
  redoubt_command_test(NAME installed-library LABELS unit TIMEOUT 120 MATCH "0x1234 -> 0x80001234"
    COMMAND "${CMAKE_SOURCE_DIR}/examples/try-installed" "${CMAKE_BINARY_DIR}" "${CMAKE_BINARY_DIR}/installed" "${CMAKE_CXX_COMPILER}")
endif()
