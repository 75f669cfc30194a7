# One CMake target per room, with the warnings of docs/architecture.md as errors. Third-party headers are system headers.

add_library(windtunnel_options INTERFACE)
target_compile_options(windtunnel_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Werror
  # A fused multiply-add rounds once where two operations round twice: digests would differ between compilers.
  -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these from the inlined insides of Boost and the standard library (GCC bugs 105562 and 107852).
  # Rooms are position-independent for the Python module; nothing replaces their functions when it is loaded, so g++
  # may inline them all the same, as clang does.
  target_compile_options(windtunnel_options INTERFACE -fno-semantic-interposition)
  target_compile_options(windtunnel_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict
    -Wno-stringop-overflow -Wno-array-bounds -Wno-stringop-overread)
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=address")
    # It sees Asio allocate a coroutine's frame with one function and free it with another, where the first is inlined and
    # the second is not. The sanitizer itself tells a true mismatch when it runs.
    target_compile_options(windtunnel_options INTERFACE -Wno-mismatched-new-delete)
  endif()
endif()
target_include_directories(windtunnel_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(windtunnel_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY XXH_INLINE_ALL)
target_link_libraries(windtunnel_options INTERFACE Boost::headers Threads::Threads)

# The allocator of programs that run scenarios: a write of the control plane costs some thirty small allocations. The
# sanitizers bring their own.
add_library(windtunnel_allocator INTERFACE)
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  target_link_libraries(windtunnel_allocator INTERFACE -Wl,--no-as-needed mimalloc -Wl,--as-needed)
  target_compile_definitions(windtunnel_allocator INTERFACE WINDTUNNEL_MIMALLOC)
endif()

# windtunnel_room(NAME SOURCES ... USES target...)
function(windtunnel_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES" ${ARGN})
  add_library(windtunnel_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(windtunnel_${name} PUBLIC windtunnel_options ${ROOM_USES})
endfunction()

# windtunnel_test(NAME SOURCES ... USES target...): one GoogleTest program; ctest sees each of its cases.
function(windtunnel_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;USES" ${ARGN})
  add_executable(test_${name} ${TEST_SOURCES})
  target_link_libraries(test_${name} PRIVATE ${TEST_USES} windtunnel_options GTest::gtest_main GTest::gmock)
  gtest_discover_tests(test_${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()

# windtunnel_allocation_test(NAME SOURCES ... USES target...): a test program of its own, since it counts every allocation.
function(windtunnel_allocation_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;USES" ${ARGN})
  windtunnel_test(${name}
    SOURCES ${TEST_SOURCES} ${PROJECT_SOURCE_DIR}/tests/sim/counted_allocations.cpp
    USES ${TEST_USES})
endfunction()
