#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "fixture.hpp"

namespace mox::test {

inline const std::string plain_message = "From: a@example.org\nSubject: s\nMessage-ID: <1@example.org>\n\nx\n";
inline const std::string from_line = "From a@example.org Mon Jan  2 15:04:05 2006\n";

inline void put(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

// mox-import --data-dir … [options] auto alice path
inline cli::ToolRun import_tree(const ImportFixture& fixture, const fs::path& path,
                                const std::vector<std::string>& options = {}, const std::string& format = "auto",
                                const std::string& account = "alice") {
    std::vector<std::string> words{"--data-dir", fixture.layout().root().string()};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", format, account, path.string()});
    return cli::run_tool(importing::tool(), words);
}

// Those with messages.
inline std::vector<std::string> mailboxes(const ImportFixture& fixture) {
    std::vector<std::string> names;
    auto account = fixture.account();
    for (const auto& box : store::list_mailboxes(account.database()))
        if (box.counts.total + box.counts.deleted > 0) names.push_back(box.name);
    return names;
}

inline bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace mox::test
