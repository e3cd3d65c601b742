mox_fuzz(database USES check store queue reports junk)
target_sources(fuzz_database PRIVATE ${CMAKE_SOURCE_DIR}/tests/damage/subject.cpp)
target_include_directories(fuzz_database PRIVATE ${CMAKE_SOURCE_DIR}/tests)
