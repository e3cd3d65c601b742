#include "base/parallel.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>

using namespace mox;

TEST_CASE("parallel_for visits every number once and passes an exception on", "[base]") {
    std::vector<std::atomic<int>> visits(1000);
    parallel_for(4, visits.size(), [&](std::size_t i) { ++visits[i]; });
    for (const auto& count : visits) REQUIRE(count == 1);
    CHECK_THROWS_AS(parallel_for(4, 100,
                                 [](std::size_t i) {
                                     if (i == 50) throw std::runtime_error("x");
                                 }),
                    std::runtime_error);
    parallel_for(4, 0, [](std::size_t) { FAIL("nothing to do"); });
}

TEST_CASE("a pipeline gives results back in the order of submission", "[base]") {
    std::vector<int> results;
    OrderedPipeline<int, int> pipeline(
        4, 16, [](int&& x) { return x * x; }, [&](int&& x) { results.push_back(x); });
    for (int i = 0; i < 1000; ++i) pipeline.submit(i);
    pipeline.finish();
    REQUIRE(results.size() == 1000);
    for (int i = 0; i < 1000; ++i) REQUIRE(results[static_cast<std::size_t>(i)] == i * i);
}

TEST_CASE("a pipeline hands a worker's exception to its owner, after all earlier results", "[base]") {
    int last = -1;
    OrderedPipeline<int, int> pipeline(
        2, 4,
        [](int&& x) {
            if (x == 20) throw std::runtime_error("twenty");
            return x;
        },
        [&](int&& x) { last = x; });
    CHECK_THROWS_AS(
        [&] {
            for (int i = 0; i < 100; ++i) pipeline.submit(i);
            pipeline.finish();
        }(),
        std::runtime_error);
    CHECK(last == 19);
}
