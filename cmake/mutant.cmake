# Mutants prove that a check can fail: a program is built with one planted bug, and the check must find it. The bug is
# an exact textual replacement in a copy of one source file, so production code holds no switch for it.

# windtunnel_mutant(TARGET SOURCE file REPLACE text WITH text SOURCES file... USES target...)
#
# Adds the program TARGET from SOURCES and a copy of SOURCE (a path from the repository's root) in which REPLACE stands
# changed to WITH. REPLACE must occur exactly once: a mutant that no longer applies is an error when configuring, not a
# test that passes. The copy defines everything that SOURCE defines, and objects are linked before archives, so the
# archive's own object is never pulled in.
function(windtunnel_mutant target)
  # This form keeps semicolons inside the replacement's text.
  cmake_parse_arguments(PARSE_ARGV 1 MUTANT "" "SOURCE;REPLACE;WITH" "SOURCES;USES")
  set(original "${PROJECT_SOURCE_DIR}/${MUTANT_SOURCE}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${original}")
  file(READ "${original}" text)
  string(FIND "${text}" "${MUTANT_REPLACE}" first)
  string(FIND "${text}" "${MUTANT_REPLACE}" last REVERSE)
  if(first EQUAL -1)
    message(FATAL_ERROR "${target}: not found in ${MUTANT_SOURCE}:\n${MUTANT_REPLACE}")
  elseif(NOT first EQUAL last)
    message(FATAL_ERROR "${target}: found more than once in ${MUTANT_SOURCE}:\n${MUTANT_REPLACE}")
  endif()
  string(REPLACE "${MUTANT_REPLACE}" "${MUTANT_WITH}" text "${text}")
  get_filename_component(name "${MUTANT_SOURCE}" NAME)
  set(copy "${CMAKE_CURRENT_BINARY_DIR}/${target}.source/${name}")
  set(before "")
  if(EXISTS "${copy}")
    file(READ "${copy}" before)
  endif()
  # Only when it changes, so that configuring again rebuilds nothing.
  if(NOT before STREQUAL text)
    file(WRITE "${copy}" "${text}")
  endif()
  add_executable(${target} ${MUTANT_SOURCES} "${copy}")
  target_link_libraries(${target} PRIVATE ${MUTANT_USES} windtunnel_options)
endfunction()

# windtunnel_mutant_test(TEST TARGET SOURCE file REPLACE text WITH text SOURCES file... USES target...
#                        [ARGUMENTS argument...] CAUGHT pattern)
#
# Adds the mutant TARGET as above, and the test that runs it with ARGUMENTS and passes where it prints CAUGHT.
function(windtunnel_mutant_test test target)
  cmake_parse_arguments(PARSE_ARGV 2 MUTANT "" "SOURCE;REPLACE;WITH;CAUGHT" "SOURCES;USES;ARGUMENTS")
  windtunnel_mutant(${target}
    SOURCE "${MUTANT_SOURCE}"
    REPLACE "${MUTANT_REPLACE}"
    WITH "${MUTANT_WITH}"
    SOURCES ${MUTANT_SOURCES}
    USES ${MUTANT_USES})
  add_test(NAME ${test} COMMAND ${target} ${MUTANT_ARGUMENTS})
  set_tests_properties(${test} PROPERTIES PASS_REGULAR_EXPRESSION "${MUTANT_CAUGHT}")
endfunction()
