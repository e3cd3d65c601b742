# Compile options of every target of this project: mox_compile_options is linked privately by each.
option(MOX_WERROR "Treat warnings as errors" OFF)
set(MOX_SANITIZE "" CACHE STRING "Sanitizers for every target, e.g. address,undefined")

add_library(mox_compile_options INTERFACE)
target_compile_features(mox_compile_options INTERFACE cxx_std_20)
target_compile_options(mox_compile_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Wno-missing-field-initializers
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
# GCC 12 sees errors inside std::string that are not there when it optimises (GCC bugs 105329, 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(mox_compile_options INTERFACE -Wno-restrict -Wno-array-bounds
        -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(MOX_WERROR)
    target_compile_options(mox_compile_options INTERFACE -Werror)
endif()
# With sanitizers the sources of tests (property MOX_TEST_SOURCES) are compiled quickly rather than well; what they test
# keeps all options. Here, because the last of two options wins, and those of a target itself come first.
set(is_test $<BOOL:$<TARGET_PROPERTY:MOX_TEST_SOURCES>>)
if(MOX_SANITIZE)
    target_compile_options(mox_compile_options INTERFACE
        -fsanitize=${MOX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
        $<IF:${is_test},-O0,-O1>)
    if(MOX_SANITIZE MATCHES "undefined")
        target_compile_options(mox_compile_options INTERFACE $<${is_test}:-fno-sanitize=undefined>)
    endif()
    target_link_options(mox_compile_options INTERFACE -fsanitize=${MOX_SANITIZE})
    # Test programs are large and many; the usual linker needs twice the time.
    foreach(linker lld gold)
        find_program(MOX_LINKER_${linker} ld.${linker})
        if(MOX_LINKER_${linker} AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            target_link_options(mox_compile_options INTERFACE -fuse-ld=${linker})
            break()
        endif()
    endforeach()
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(mox_compile_options INTERFACE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
endif()
