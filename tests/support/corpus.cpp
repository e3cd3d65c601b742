#include "support/corpus.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/file.hpp"

namespace mox::test {

namespace fs = std::filesystem;

namespace {

// `path` as one word of a shell command.
std::string shell_word(const fs::path& path) {
    std::string word = "'";
    for (const char c : path.native()) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

fs::path archive_path() {
    const char* const folder = std::getenv("MOX_CORPUS");
    const fs::path where = folder != nullptr ? fs::path(folder) : fs::path(MOX_SOURCE_DIR) / ".." / "shared" / "corpus";
    return where / "real-mail.tar.zst";
}

}  // namespace

std::vector<ExpectedMessage> load_expected(const fs::path& jsonl) {
    std::ifstream in(jsonl);
    std::vector<ExpectedMessage> messages;
    for (std::string line; std::getline(in, line);) {
        const auto json = nlohmann::json::parse(line);
        ExpectedMessage message{.number = json.at("n"),
                                .file = json.value("file", ""),
                                .label = json.value("label", ""),
                                .size_bytes = json.at("size_crlf"),
                                .sha256 = json.at("sha256_crlf"),
                                .flags = json.at("flags"),
                                .keywords = json.at("keywords")};
        if (!json.at("received").is_null()) message.received = json.at("received");
        messages.push_back(std::move(message));
    }
    if (messages.empty()) throw std::runtime_error("no expected messages in " + jsonl.string());
    return messages;
}

std::optional<fs::path> real_mail() {
    static const auto unpacked = []() -> std::optional<TemporaryDirectory> {
        const fs::path archive = archive_path();
        if (!fs::exists(archive)) {
            std::cerr << "skipped: no real mail, " << archive << " does not exist (set MOX_CORPUS to its folder)\n";
            return std::nullopt;
        }
        TemporaryDirectory directory(fs::temp_directory_path(), "moxcorpus-");
        const std::string command = "tar --zstd -xf " + shell_word(archive) + " -C " + shell_word(directory.path());
        if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot unpack " + archive.string());
        return directory;
    }();
    if (!unpacked) return std::nullopt;
    return unpacked->path() / "real-mail";
}

}  // namespace mox::test
