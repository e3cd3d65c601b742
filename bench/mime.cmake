add_executable(mime_bench mime_bench.cpp)
mox_common_settings(mime_bench)
target_link_libraries(mime_bench PRIVATE mox_mime)
set_target_properties(mime_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
