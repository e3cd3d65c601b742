#include "repair/file_reader.hpp"

#include <fcntl.h>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "intake/header_fields.hpp"

namespace mox::repair {

namespace {

void take_lines(intake::HeaderFields& fields, std::string_view text) {
    while (fields.inside() && !text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        fields.line(line);
        if (end == std::string_view::npos) return;
        fields.end_line();
        text.remove_prefix(end + 1);
    }
}

}  // namespace

std::optional<ReadFile> read_message_file(const std::filesystem::path& path, std::string_view prefix) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status = {};
    if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    store::MessageWriter writer;
    thread_local std::vector<std::byte> buffer(256 * 1024);
    model::FlagsAndKeywords unused;
    intake::HeaderFields fields({.dates = true}, unused);
    writer.begin({}, prefix, {});
    for (;;) {
        check_interrupt();
        const auto bytes = std::span<const std::byte>(buffer).first(read_full(fd.get(), buffer, path));
        take_lines(fields, as_text(bytes));
        writer.write(bytes);
        if (bytes.size() < buffer.size()) break;
    }
    fields.finish();
    return ReadFile{
        .file = writer.finish(store::MessageWriter::Sync::later),
        .received = fields.received().value_or(Timestamp{
            .seconds = status.st_mtim.tv_sec, .nanoseconds = static_cast<std::int32_t>(status.st_mtim.tv_nsec)})};
}

}  // namespace mox::repair
