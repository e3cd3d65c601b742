// Databases of a directory may have any bytes: verification ends, and says nothing only when they say what they said.

#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "check/verify.hpp"
#include "damage/subject.hpp"
#include "store/junk_filter.hpp"
#include "store/training.hpp"
#include "support/healthy_directory.hpp"

namespace {

namespace fs = std::filesystem;
using namespace mox;

constexpr std::size_t page_size = 4096;

struct File {
    fs::path path;
    std::string bytes;
    std::optional<std::vector<std::string>> contents;
};

// A directory with everything in it, in memory where there is such a place.
class Directory {
public:
    Directory() {
        if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
        healthy_.emplace();
        {
            auto account = store::Account::open(layout(), "alice");
            const junk::Parameters parameters{.onegrams = true, .bloom_width = 12, .bloom_hashes = 4};
            auto filter = store::open_junk_filter(account, parameters, std::chrono::milliseconds(1000));
            (void)store::deliver(account, "Junk", {.received = account.now(), .flags = model::Flag::junk},
                                 test::HealthyDirectory::message("buy", "buy@example"));
            (void)store::retrain(account, filter, {.parameters = parameters, .jobs = 1, .progress = {}});
            account.close();
        }
        for (const auto& path : {layout().account_db("alice"), layout().junk_filter_db("alice"), layout().queue_db(),
                                 layout().dmarc_reports_db()})
            files_.push_back({.path = path, .bytes = read_file(path), .contents = test::logical_dump(path)});
        for (const auto& file : files_)
            if (!file.contents) std::abort();
        if (!is_silent()) std::abort();
    }
    [[nodiscard]] const datadir::Layout& layout() const { return healthy_->layout(); }
    [[nodiscard]] const std::vector<File>& files() const { return files_; }

    [[nodiscard]] bool is_silent() const {
        std::uint64_t found = 0;
        (void)check::verify(layout(), {.contents = check::Contents::hashes, .jobs = 1},
                            [&](const check::Finding&) { ++found; });
        return found == 0;
    }

private:
    std::optional<test::HealthyDirectory> healthy_;
    std::vector<File> files_;
};

void write(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// Five bytes of the input: which file and what, three for where, one more.
void edit(std::vector<std::string>& files, const std::uint8_t* code) {
    std::string& bytes = files[code[0] % files.size()];
    if (bytes.empty()) return;
    const std::size_t at =
        (static_cast<std::size_t>(code[1]) << 16U | static_cast<std::size_t>(code[2]) << 8U | code[3]) % bytes.size();
    const std::size_t page = at / page_size * page_size,
                      other = code[4] * page_size % bytes.size() / page_size * page_size;
    switch (code[0] / files.size() % 8) {
        case 0:
        case 1:
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << (code[4] % 8)));
            return;
        case 2:
            bytes[at] = static_cast<char>(code[4]);
            return;
        case 3:
            for (std::size_t i = at; i < std::min(bytes.size(), at + 1 + code[4]); ++i) bytes[i] = '\0';
            return;
        case 4:
            bytes.resize(at);
            return;
        case 5:
            for (std::size_t i = 0; i < page_size && std::max(page, other) + i < bytes.size(); ++i)
                std::swap(bytes[page + i], bytes[other + i]);
            return;
        case 6:
            for (std::size_t i = 0; i < 64 && std::max(at, page + code[4] * 16U) + i < bytes.size(); ++i)
                bytes[at + i] = bytes[page + code[4] * 16U + i];
            return;
        default:
            bytes.insert(at, 1, static_cast<char>(code[4]));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Directory directory;
    std::vector<std::string> files;
    for (const auto& file : directory.files()) files.push_back(file.bytes);
    constexpr std::size_t code_size = 5, most_edits = 32;
    for (std::size_t at = 0; at + code_size <= size && at / code_size < most_edits; at += code_size)
        edit(files, data + at);
    for (std::size_t i = 0; i < files.size(); ++i)
        if (files[i] != directory.files()[i].bytes) write(directory.files()[i].path, files[i]);
    if (directory.is_silent())
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (files[i] == directory.files()[i].bytes) continue;
            const auto contents = test::logical_dump(directory.files()[i].path);
            if (contents == directory.files()[i].contents) continue;
            std::cerr << "nothing is said of " << directory.files()[i].path << "\n";
            for (const auto& line : contents.value_or(std::vector<std::string>{}))
                if (!std::binary_search(directory.files()[i].contents->begin(), directory.files()[i].contents->end(),
                                        line))
                    std::cerr << line << "\n";
            std::abort();
        }
    for (std::size_t i = 0; i < files.size(); ++i)
        if (files[i] != directory.files()[i].bytes) write(directory.files()[i].path, directory.files()[i].bytes);
    return 0;
}
