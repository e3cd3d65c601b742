// Whatever bytes are called an archive, they are read to an end within the limits or refused with a reason that names
// it, and what a safe name is has no part that leads elsewhere. What was read comes back from an archive of its own.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "archive/reader.hpp"
#include "archive/writer.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"

namespace {

using namespace mox;

constexpr archive::Limits limits{.most_members = 1000, .most_bytes = 1U << 20U, .most_expansion = 1000};

struct Item {
    archive::Member member;
    std::string contents;
    friend bool operator==(const Item& a, const Item& b) {
        return a.member.path == b.member.path && a.member.kind == b.member.kind && a.contents == b.contents &&
               a.member.link_target == b.member.link_target;
    }
};

UniqueFd file_of(std::string_view bytes) {
    UniqueFd file(::memfd_create("archive", MFD_CLOEXEC));
    if (!file || ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

void check_name(std::string_view path) {
    if (!archive::path_problem(path).empty()) return;
    if (path.empty() || path.front() == '/' || path.back() == '/' || path.size() > 4096) std::abort();
    const std::string padded = "/" + std::string(path) + "/";
    for (const std::string_view part : {"/../", "/./", "//"})
        if (padded.find(part) != std::string::npos) std::abort();
}

// False when it was refused; `items` are what came before.
bool read_all(std::string_view bytes, archive::Accept accept, std::vector<Item>& items) {
    std::uint64_t total = 0;
    try {
        archive::Reader reader(file_of(bytes), "fuzzed", accept, limits);
        std::vector<std::byte> buffer(10'000);
        while (auto member = reader.next()) {
            check_name(member->path);
            Item& item = items.emplace_back(Item{std::move(*member), {}});
            while (const std::size_t count = reader.read(buffer)) {
                item.contents += as_text(std::span(buffer).first(count));
                total += count;
            }
            if (total > limits.most_bytes || items.size() > limits.most_members) std::abort();
        }
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt && error.code() != Errc::unknown_format) std::abort();
        if (std::string_view(error.what()).find("'fuzzed'") == std::string_view::npos) std::abort();
        return false;
    }
    return true;
}

void check_writing(std::vector<Item> items) {
    std::erase_if(items, [](const Item& item) {
        return (item.member.kind != archive::Kind::file && item.member.kind != archive::Kind::symlink) ||
               !archive::path_problem(item.member.path).empty() ||
               (item.member.kind == archive::Kind::symlink && item.member.link_target.empty());
    });
    for (auto& item : items)
        if (item.member.kind == archive::Kind::symlink) item.contents.clear();
    std::string bytes;
    archive::Writer writer({.format = archive::Format::tar},
                           [&](std::span<const std::byte> piece) { bytes += as_text(piece); });
    for (auto& item : items) {
        item.member.size_bytes = static_cast<std::int64_t>(item.contents.size());
        writer.add(item.member);
        if (!item.contents.empty()) writer.write(as_bytes(item.contents));
    }
    writer.finish();
    std::vector<Item> again;
    if (!read_all(bytes, archive::Accept::tar, again) || again != items) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const auto accept : {archive::Accept::tar, archive::Accept::tar_or_zip}) {
        std::vector<Item> items;
        if (read_all(bytes, accept, items)) check_writing(std::move(items));
    }
    return 0;
}
