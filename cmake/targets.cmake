# How a target of this project is made. Each folder lists its own sources.
option(MOX_PCH "Use precompiled headers" ON)

# Everything that every translation unit may use anyway: parts of the standard library; and for tests also Catch2.
set(mox_precompiled <algorithm> <array> <chrono> <cstdint> <filesystem> <functional> <map> <memory> <optional> <span>
    <string> <string_view> <utility> <vector>)
if(MOX_PCH)
    add_library(mox_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
    target_link_libraries(mox_pch PRIVATE mox_compile_options)
    target_precompile_headers(mox_pch PRIVATE ${mox_precompiled})
    if(MOX_TESTS)
        add_library(mox_test_pch OBJECT EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
        target_link_libraries(mox_test_pch PRIVATE mox_compile_options Catch2::Catch2)
        set_target_properties(mox_test_pch PROPERTIES MOX_TEST_SOURCES ON)
        target_precompile_headers(mox_test_pch PRIVATE ${mox_precompiled} <catch2/catch.hpp>)
    endif()
endif()

# mox_common_settings(target [PCH])
function(mox_common_settings target)
    target_link_libraries(${target} PRIVATE mox_compile_options)
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/common)
    if(MOX_PCH AND ARGC GREATER 1)
        target_precompile_headers(${target} REUSE_FROM ${ARGV1})
    elseif(MOX_PCH)
        target_precompile_headers(${target} REUSE_FROM mox_pch)
    endif()
endfunction()

# A layer of common/: mox_layer(db SOURCES ... USES base LIBRARIES SQLite::SQLite3)
# USES: the layers it may see (they become link dependencies). LIBRARIES: third party, seen only by this layer. PCH: a
# precompiled header of its own. A part of the server is a layer called server_<part>.
function(mox_layer name)
    cmake_parse_arguments(arg "" "PCH" "SOURCES;USES;LIBRARIES" ${ARGN})
    add_library(mox_${name} STATIC ${arg_SOURCES})
    mox_common_settings(mox_${name} ${arg_PCH})
    foreach(layer IN LISTS arg_USES)
        target_link_libraries(mox_${name} PUBLIC mox_${layer})
    endforeach()
    target_link_libraries(mox_${name} PRIVATE ${arg_LIBRARIES})
endfunction()

# A command: mox_tool(backup SOURCES backup.cpp USES store LIBRARIES ...) in tools/backup makes the library
# mox_tool_backup (everything but main.cpp, so that tests link it) and the executable mox-backup, installs it with its
# manual page and completions, and enters it into the table behind tools/all_tools.hpp: some source defines
# `mox::cli::Tool mox::backup::tool()`. NAMESPACE names another namespace (import is a word of C++: NAMESPACE importing).
# BUILTIN: no executable; `mox` has it inside (tools/server/tools.hpp).
function(mox_tool name)
    cmake_parse_arguments(arg "BUILTIN" "NAMESPACE" "SOURCES;USES;LIBRARIES" ${ARGN})
    add_library(mox_tool_${name} STATIC ${arg_SOURCES})
    mox_common_settings(mox_tool_${name})
    target_link_libraries(mox_tool_${name} PUBLIC mox_cli)
    foreach(layer IN LISTS arg_USES)
        target_link_libraries(mox_tool_${name} PUBLIC mox_${layer})
    endforeach()
    target_link_libraries(mox_tool_${name} PUBLIC ${arg_LIBRARIES})
    if(arg_BUILTIN)
        mox_install_documents(mox-${name})
    else()
        add_executable(mox-${name} main.cpp)
        mox_common_settings(mox-${name})
        target_link_libraries(mox-${name} PRIVATE mox_tool_${name})
        set_target_properties(mox-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
        mox_install_program(mox-${name} mox-${name})
        set_property(GLOBAL APPEND PROPERTY MOX_PROGRAM_NAMES mox-${name})
    endif()
    if(NOT arg_NAMESPACE)
        set(arg_NAMESPACE ${name})
    endif()
    set_property(GLOBAL APPEND PROPERTY MOX_TOOL_NAMES ${name})
    set_property(GLOBAL PROPERTY MOX_TOOL_NAMESPACE_${name} ${arg_NAMESPACE})
endfunction()

# The executable with its manual page and its completions.
function(mox_install_program target program)
    install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    mox_install_documents(${program})
endfunction()

# A manual page and completions, as far as they are written.
function(mox_install_documents program)
    set(share ${CMAKE_INSTALL_DATADIR})
    install(FILES ${CMAKE_SOURCE_DIR}/man/${program}.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 OPTIONAL)
    set(completions ${CMAKE_SOURCE_DIR}/completions)
    install(FILES ${completions}/bash/${program} DESTINATION ${share}/bash-completion/completions OPTIONAL)
    install(FILES ${completions}/zsh/_${program} DESTINATION ${share}/zsh/site-functions OPTIONAL)
    install(FILES ${completions}/fish/${program}.fish DESTINATION ${share}/fish/vendor_completions.d OPTIONAL)
endfunction()

# A test program of one folder: mox_test(base USES base) builds every tests/<...>/*_test.cpp below DIR.
# PORTABLE: the same tests once more as portable_<name>, with the portable twin of platform_linux.cpp: as an object of
# the program it comes before the one in the library. SPLIT: ctest runs each source's tests by itself, side by side and
# before others, because they take long.
function(mox_test name)
    cmake_parse_arguments(arg "PORTABLE;SPLIT" "TIMEOUT" "USES;LIBRARIES;ENVIRONMENT;LABELS" ${ARGN})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
    add_executable(test_${name} ${sources})
    mox_common_settings(test_${name} mox_test_pch)
    set_target_properties(test_${name} PROPERTIES MOX_TEST_SOURCES ON)
    target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_compile_definitions(test_${name} PRIVATE
        MOX_TESTDATA="${CMAKE_SOURCE_DIR}/testdata" MOX_SOURCE_DIR="${CMAKE_SOURCE_DIR}" MOX_BIN="${CMAKE_BINARY_DIR}/bin")
    set(programs ${name})
    if(arg_PORTABLE AND NOT MOX_PORTABLE)
        add_executable(test_portable_${name} $<TARGET_OBJECTS:test_${name}>
            ${CMAKE_SOURCE_DIR}/common/base/platform_portable.cpp)
        mox_common_settings(test_portable_${name})
        list(APPEND programs portable_${name})
    endif()
    foreach(program IN LISTS programs)
        foreach(layer IN LISTS arg_USES)
            target_link_libraries(test_${program} PRIVATE mox_${layer})
        endforeach()
        target_link_libraries(test_${program} PRIVATE mox_test_support ${arg_LIBRARIES} Catch2::Catch2WithMain)
        set(tests ${program})
        if(arg_SPLIT)
            set(tests "")
            foreach(source IN LISTS sources)
                get_filename_component(file ${source} NAME_WE)
                string(REGEX REPLACE "_test$" "" part ${file})
                add_test(NAME ${program}_${part}
                    COMMAND test_${program} --use-colour no --warn NoTests --filenames-as-tags [\#${file}])
                list(APPEND tests ${program}_${part})
            endforeach()
            set_tests_properties(${tests} PROPERTIES COST 100)
        else()
            add_test(NAME ${program} COMMAND test_${program} --use-colour no)
        endif()
        set_tests_properties(${tests} PROPERTIES
            ENVIRONMENT "${arg_ENVIRONMENT}" TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
    endforeach()
endfunction()

# A fuzz target: fuzz/<name>_fuzz.cpp. With clang a libFuzzer program; otherwise a program that replays a corpus,
# registered as a test over testdata/fuzz/<name>.
function(mox_fuzz name)
    cmake_parse_arguments(arg "" "" "USES" ${ARGN})
    if(MOX_FUZZ)
        add_executable(fuzz_${name} ${name}_fuzz.cpp)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        add_executable(fuzz_${name} ${name}_fuzz.cpp ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cpp)
        if(MOX_TESTS)
            add_test(NAME fuzz_corpus_${name} COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/testdata/fuzz/${name})
        endif()
    endif()
    mox_common_settings(fuzz_${name})
    foreach(layer IN LISTS arg_USES)
        target_link_libraries(fuzz_${name} PRIVATE mox_${layer})
    endforeach()
endfunction()
