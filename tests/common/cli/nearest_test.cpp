#include "cli/nearest.hpp"

#include <catch2/catch.hpp>

TEST_CASE("the nearest word is a slip away, or there is none", "[cli]") {
    struct Row {
        std::string word;
        std::optional<std::string> expected;
    };
    const std::vector<std::string> words{"backup", "verifydata", "import", "export", "help"};
    const auto row = GENERATE(values<Row>({
        {"backup", "backup"},
        {"bakcup", "backup"},
        {"bckup", "backup"},
        {"verifydate", "verifydata"},
        {"verify-data", "verifydata"},
        {"inport", "import"},
        {"exprot", "export"},
        {"hlep", "help"},
        {"", std::nullopt},
        {"x", std::nullopt},
        {"restore", std::nullopt},
        {"completely", std::nullopt},
        {std::string(100'000, 'b'), std::nullopt},
    }));
    CHECK(mox::cli::nearest(row.word, words) == row.expected);
}
