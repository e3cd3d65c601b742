#include "snapshot/archive_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "snapshot/read_ahead.hpp"
#include "snapshot/run.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

// Files up to here are read before their size is written, so that it is right even when they change.
constexpr std::size_t most_beginning = std::size_t{1} << 20U;

archive::Member member_like(const struct stat& status, std::string path, archive::Kind kind) {
    return {.path = std::move(path),
            .kind = kind,
            .link_target = {},
            .size_bytes = kind == archive::Kind::file ? status.st_size : 0,
            .mode = status.st_mode & 0777,
            .user = status.st_uid,
            .group = status.st_gid,
            .modified = status.st_mtim.tv_sec};
}

// Problems name files as in the source.
std::string source_name(const std::string& path) {
    return path.starts_with("data/") ? path.substr(5) : path;
}

}  // namespace

// Message files of one folder, read ahead of the writer.
class ArchiveOutput::Messages final : public MessageOutput {
public:
    Messages(Run& run, ArchiveOutput& output, std::string path, int source, std::vector<std::int64_t> ids)
        : run_(run),
          output_(output),
          path_(std::move(path)),
          files_(source, std::move(ids), std::min(run.options().jobs, 4U)) {}

    CopyMethod store(std::int64_t id, const struct stat& /*status*/) override {
        const auto file = files_.take(id);
        auto member = member_like(file.status, fmt::format("{}/{}", path_, id), archive::Kind::file);
        if (!file.rest) {
            member.size_bytes = static_cast<std::int64_t>(file.contents.size());
            output_.writer_.add(member);
            output_.writer_.write(file.contents);
        } else {
            (void)output_.add_contents(run_, member, file.rest.get(), file.contents);
        }
        return CopyMethod::copy;
    }

private:
    Run& run_;
    ArchiveOutput& output_;
    const std::string path_;
    ReadAhead files_;
};

ArchiveOutput::ArchiveOutput(const archive::WriteOptions& options, archive::Writer::Sink sink)
    : writer_(options, std::move(sink)) {}
ArchiveOutput::~ArchiveOutput() = default;

void ArchiveOutput::add_folder(Run& run, const std::string& path) {
    if (!folders_.insert(path).second) return;
    if (const auto slash = path.rfind('/'); slash != std::string::npos) add_folder(run, path.substr(0, slash));
    struct stat status = {};
    if (::stat(run.source_of(path).c_str(), &status) != 0) status.st_mode = 0700;
    status.st_mode |= 0700;
    writer_.add(member_like(status, path, archive::Kind::folder));
}

ArchiveOutput::Written ArchiveOutput::write_member(const archive::Member& member, int file,
                                                   std::span<const std::byte> beginning) {
    const std::int64_t size = member.size_bytes.value_or(0);
    writer_.add(member);
    Sha256 hash;
    std::int64_t written = 0;
    std::string fault;
    const auto write = [&](std::span<const std::byte> bytes) {
        bytes = bytes.first(std::min(bytes.size(), static_cast<std::size_t>(size - written)));
        hash.update(bytes);
        writer_.write(bytes);
        written += static_cast<std::int64_t>(bytes.size());
    };
    write(beginning);
    std::vector<std::byte> buffer(std::min<std::size_t>(256 * 1024, static_cast<std::size_t>(size - written)));
    while (written < size) {
        check_interrupt();
        std::size_t count = 0;
        if (fault.empty()) {
            try {
                count = read_full(file, buffer, source_name(member.path));
                if (count == 0) fault = "became shorter while it was read";
            } catch (const Interrupted&) {
                throw;
            } catch (const Error& error) {
                fault = error.what();
            }
            if (!fault.empty()) std::ranges::fill(buffer, std::byte{0});
        }
        write(fault.empty() ? std::span<const std::byte>(buffer).first(count) : buffer);
    }
    return {.entry = {.path = member.path, .size_bytes = size, .sha256 = hash.finish(), .stored = Stored::copy},
            .fault = std::move(fault)};
}

// A file of the source.
FileEntry ArchiveOutput::add_contents(Run& run, const archive::Member& member, int file,
                                      std::span<const std::byte> beginning) {
    Written written = write_member(member, file, beginning);
    if (!written.fault.empty())
        run.add_problem(source_name(member.path),
                        "cannot be read to its end, in the archive it ends with zeros: " + written.fault);
    return std::move(written.entry);
}

FileEntry ArchiveOutput::add_file(Run& run, const std::string& path, const fs::path& source,
                                  const struct stat& /*status*/) {
    const UniqueFd file(::open(source.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) throw system_error(errno, "open", source.native());
    struct stat status = {};
    if (::fstat(file.get(), &status) != 0) throw system_error(errno, "stat", source.native());
    if (!S_ISREG(status.st_mode)) throw Error(Errc::failed, source.native() + ": not a regular file");
    auto member = member_like(status, path, archive::Kind::file);
    std::vector<std::byte> beginning(std::min(static_cast<std::size_t>(status.st_size) + 1, most_beginning));
    const std::size_t count = read_full(file.get(), beginning, source);
    if (count < beginning.size()) member.size_bytes = static_cast<std::int64_t>(count);
    // What grew meanwhile ends where it ended.
    member.size_bytes = std::max(*member.size_bytes, static_cast<std::int64_t>(count));
    return add_contents(run, member, file.get(), std::span(beginning).first(count));
}

void ArchiveOutput::add_link(Run& run, const std::string& path, const std::string& text) {
    struct stat status = {};
    if (::lstat(run.source_of(path).c_str(), &status) != 0) status.st_mode = 0777;
    auto member = member_like(status, path, archive::Kind::symlink);
    member.link_target = text;
    writer_.add(member);
}

FileEntry ArchiveOutput::add_database(Run& run, const std::string& path, Stored stored) {
    add_folder(run, fs::path(path).parent_path().native());
    const fs::path copy = run.destination() / path;
    const UniqueFd file = open_for_reading(copy);
    struct stat status = {}, source = {};
    if (::fstat(file.get(), &status) != 0) throw system_error(errno, "stat", copy.native());
    // The copy is ours; owner and time are the original's.
    auto member =
        member_like(::stat(run.source_of(path).c_str(), &source) == 0 ? source : status, path, archive::Kind::file);
    member.size_bytes = status.st_size;
    member.mode = status.st_mode & 0777;
    Written written = write_member(member, file.get(), {});
    if (!written.fault.empty()) throw Error(Errc::failed, copy.native() + ": " + written.fault);
    written.entry.stored = stored;
    return std::move(written.entry);
}

std::unique_ptr<MessageOutput> ArchiveOutput::add_messages(Run& run, const std::string& path, int source,
                                                           std::vector<std::int64_t> ids) {
    add_folder(run, path);
    return std::make_unique<Messages>(run, *this, path, source, std::move(ids));
}

void ArchiveOutput::finish(const Manifest& manifest) {
    const std::string text = to_text(manifest);
    writer_.add({.path = std::string(manifest_name),
                 .kind = archive::Kind::file,
                 .link_target = {},
                 .size_bytes = static_cast<std::int64_t>(text.size()),
                 .mode = 0640,
                 .user = ::geteuid(),
                 .group = ::getegid(),
                 .modified = manifest.finished.seconds});
    writer_.write(as_bytes(text));
    writer_.finish();
}

}  // namespace mox::snapshot
