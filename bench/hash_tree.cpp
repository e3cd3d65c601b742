// Reads and hashes (SHA-256) every regular file below a directory, on all cores: the floor of a check that reads all
// contents. Prints the number of files and of bytes.
// usage: hash_tree DIR [THREADS]

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"

using namespace mox;
namespace fs = std::filesystem;

int main(int argc, char** argv) try {
    if (argc < 2) {
        std::fputs("usage: hash_tree DIR [THREADS]\n", stderr);
        return 2;
    }
    const unsigned threads = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : default_jobs();
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(argv[1]))
        if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());

    std::atomic<std::uint64_t> total = 0;
    parallel_for(threads, files.size(), [&](std::size_t i) {
        thread_local Sha256 hash;
        thread_local std::vector<std::byte> buffer(256 * 1024);
        const UniqueFd file = open_for_reading(files[i]);
        for (std::size_t count = buffer.size(); count == buffer.size();) {
            count = read_full(file.get(), buffer, files[i]);
            hash.update(std::span(buffer).first(count));
            total += count;
        }
        (void)hash.finish();
    });
    std::printf("%zu %llu\n", files.size(), static_cast<unsigned long long>(total.load()));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "hash_tree: %s\n", error.what());
    return 1;
}
