// The floor of an import: writes the messages of an mbox, with CRLF line ends, into as many files in the same folders
// (DIR/msg/<folder>/<id>), hashes each with SHA-256, and syncs once. No parsing, no database, no names checked.
// usage: floor_import MBOX DIR [THREADS]

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "datadir/layout.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

std::string_view map_file(const fs::path& path) {
    const UniqueFd fd = open_for_reading(path);
    const auto size = static_cast<std::size_t>(status_of(path)->st_size);
    if (size == 0) throw Error(Errc::failed, path.string() + " is empty");
    void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (bytes == MAP_FAILED) throw system_error(errno, "map", path.native());
    ::madvise(bytes, size, MADV_SEQUENTIAL);
    return {static_cast<const char*>(bytes), size};
}

std::string_view take_line(std::string_view& text) {  // with its line end
    const auto end = text.find('\n');
    const auto line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(line.size());
    return line;
}

// The next message without its From line and without the empty line that ends it; empty at the end.
std::string_view next_message(std::string_view& mbox) {
    if (mbox.empty()) return {};
    take_line(mbox);
    const char* begin = mbox.data();
    const auto end = mbox.find("\n\nFrom ");
    const std::size_t size = end == std::string_view::npos ? mbox.size() : end + 1;
    mbox.remove_prefix(end == std::string_view::npos ? size : size + 1);
    std::string_view message(begin, size);
    if (end == std::string_view::npos && message.ends_with("\n\n")) message.remove_suffix(1);
    return message;
}

// ">From ", ">>From ", …: one '>' was put there by whoever wrote the mbox.
bool is_quoted(std::string_view line) {
    if (!line.starts_with('>')) return false;
    return line.substr(std::min(line.find_first_not_of('>'), line.size())).starts_with("From ");
}

void write_message(std::string_view message, const fs::path& path, Sha256& hash, std::string& buffer) {
    buffer.clear();
    while (!message.empty()) {
        auto line = take_line(message);
        if (is_quoted(line)) line.remove_prefix(1);
        const bool ends = line.ends_with('\n');
        buffer.append(line.substr(0, line.size() - (ends ? 1 : 0)));
        if (ends) buffer.append(line.ends_with("\r\n") ? "\n" : "\r\n");
    }
    hash.update(std::as_bytes(std::span(buffer)));
    (void)hash.finish();
    const UniqueFd file = create_file(path);
    write_all(file.get(), buffer, path);
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) {
        std::fputs("usage: floor_import MBOX DIR [THREADS]\n", stderr);
        return 2;
    }
    std::string_view mbox = map_file(argv[1]);
    const fs::path root = fs::path(argv[2]) / "msg";
    const unsigned threads = argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 1;

    constexpr std::size_t batch_size = 512;
    std::int64_t first_id = 1;
    std::vector<std::string_view> batch;
    do {
        batch.clear();
        while (batch.size() < batch_size) {
            const auto message = next_message(mbox);
            if (message.empty() && mbox.empty()) break;
            batch.push_back(message);
            make_directories(root / datadir::message_folder(first_id + static_cast<std::int64_t>(batch.size()) - 1));
        }
        parallel_for(threads, batch.size(), [&](std::size_t i) {
            thread_local Sha256 hash;
            thread_local std::string buffer;
            write_message(batch[i], root / datadir::message_path(first_id + static_cast<std::int64_t>(i)), hash,
                          buffer);
        });
        first_id += static_cast<std::int64_t>(batch.size());
    } while (batch.size() == batch_size);
    sync_filesystem(root);
    std::printf("%lld\n", static_cast<long long>(first_id - 1));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "floor_import: %s\n", error.what());
    return 1;
}
