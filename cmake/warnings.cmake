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
if(MOX_SANITIZE)
    target_compile_options(mox_compile_options INTERFACE
        -fsanitize=${MOX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
    target_link_options(mox_compile_options INTERFACE -fsanitize=${MOX_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(mox_compile_options INTERFACE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
endif()
