#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "intake/exported.hpp"
#include "intake/message.hpp"
#include "intake/message_folder.hpp"
#include "intake/stored_form.hpp"
#include "mime/date.hpp"

namespace mox::intake {

namespace {

constexpr std::size_t block_bytes = 65536;

std::string counted(std::uint64_t count, std::string_view what) {
    return std::to_string(count) + ' ' + std::string(what);
}

void add_warnings(Metadata& to, const StoredForm& form, const HeaderFields& header) {
    const auto add = [&](WarningKind kind, std::string text) { to.warnings.push_back({kind, std::move(text)}); };
    if (form.bare_cr() > 0) add(WarningKind::odd_bytes, counted(form.bare_cr(), "CR bytes without LF, kept"));
    if (form.nul() > 0) add(WarningKind::odd_bytes, counted(form.nul(), "NUL bytes, kept"));
    if (header.dropped_keywords() > 0)
        add(WarningKind::keyword, counted(header.dropped_keywords(), "keywords too many, left out"));
    if (header.cut()) add(WarningKind::header_field, "a field of the header is too long to be looked at as a whole");
}

// Gives `feed` the contents of a file. False when reading failed, with the reason in `to`.
template <class Feed>
bool feed_file(const MessageFolder::Opened& file, std::uint64_t max_bytes, Metadata& to, Feed&& feed) {
    const std::unique_ptr<char[]> block(new char[block_bytes]);
    for (std::uint64_t total = 0;;) {
        const ssize_t count = ::read(file.fd.get(), block.get(), block_bytes);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            to.failure = Failure{FailureKind::unreadable, system_error(errno, "read", to.origin).what()};
            return false;
        }
        if (count == 0) return true;
        total += static_cast<std::uint64_t>(count);
        if (total > max_bytes) {
            to.failure = too_large_failure(to.origin, max_bytes);
            return false;
        }
        feed(std::string_view(block.get(), static_cast<std::size_t>(count)));
    }
}

bool is_larger(const UniqueFd& fd, std::uint64_t max_bytes) {
    struct stat status = {};
    return ::fstat(fd.get(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) > max_bytes;
}

class Conversion {
public:
    Conversion(const RawMessage& message, const Sink& sink, std::uint64_t max_bytes)
        : sink_(sink),
          max_bytes_(max_bytes) {
        take_over(message);
    }

    Metadata run(const InlineBody& body) {
        if (!result_.failure && body.bytes.size() > max_bytes_)
            result_.failure = too_large_failure(result_.origin, max_bytes_);
        if (result_.failure) return std::move(result_);
        if (body.is_mbox && is_exported_entry(body.bytes.text()))
            return convert_exported(std::move(result_), body.bytes.text(), body.quoted, sink_);
        if (result_.received)
            result_.received_from = body.is_mbox ? ReceivedFrom::from_line : ReceivedFrom::file_name;
        else
            received_by(file_time_, ReceivedFrom::file_time);
        if (body.exact) {
            take_exact(body.bytes.text());
            return std::move(result_);
        }
        HeaderFields header({.dates = !result_.received, .marks = body.is_mbox}, result_.marks);
        StoredForm form(body.is_mbox && body.quoted ? Quoting::mbox : Quoting::none, header, sink_);
        form.feed(body.bytes.text());
        finish(form, header);
        received_by(last_resort_, ReceivedFrom::file_time);
        return std::move(result_);
    }

    Metadata run(const FileBody& body) {
        if (result_.failure) return std::move(result_);
        const MessageFolder::Opened file = body.folder->open(body);
        if (file.renamed) take_over(*file.renamed);
        result_.failure = file.failure;
        if (!result_.failure && is_larger(file.fd, max_bytes_))
            result_.failure = too_large_failure(result_.origin, max_bytes_);
        if (result_.failure) return std::move(result_);
        const bool is_maildir = !body.directory.empty();
        if (result_.received) result_.received_from = ReceivedFrom::file_name;
        if (is_maildir) received_by(file.changed, ReceivedFrom::file_time);
        if (body.exact) {
            (void)feed_file(file, max_bytes_, result_, [&](std::string_view text) { take_exact(text); });
            return std::move(result_);
        }
        HeaderFields header({.dates = !result_.received}, result_.marks);
        StoredForm form(Quoting::none, header, sink_);
        if (feed_file(file, max_bytes_, result_, [&](std::string_view text) { form.feed(text); })) finish(form, header);
        if (!is_maildir) received_by(file.changed, ReceivedFrom::file_time);
        return std::move(result_);
    }

private:
    void take_over(const RawMessage& message) {
        result_.origin = message.origin;
        result_.marks = message.marks;
        result_.received = message.received;
        result_.warnings = message.warnings;
        result_.failure = message.failure;
        file_time_ = message.file_time;
        last_resort_ = message.last_resort;
    }

    // `time` is the time of receipt unless something that counts more has told it.
    void received_by(const std::optional<Timestamp>& time, ReceivedFrom from) {
        if (result_.received || !time) return;
        result_.received = time;
        result_.received_from = from;
    }

    // Contents that have the stored form already.
    void take_exact(std::string_view text) {
        for (; !text.empty(); text.remove_prefix(std::min(block_bytes, text.size()))) {
            const auto piece = text.substr(0, block_bytes);
            check_interrupt();
            sink_(as_bytes(piece));
            result_.size_bytes += piece.size();
        }
    }

    void finish(StoredForm& form, HeaderFields& header) {
        form.finish();
        result_.size_bytes = form.size_bytes();
        received_by(header.received(), ReceivedFrom::received_header);
        if (header.date()) received_by(mime::parse_date(*header.date()), ReceivedFrom::date_header);
        result_.labels = std::move(header.labels());
        add_warnings(result_, form, header);
    }

    const Sink& sink_;
    const std::uint64_t max_bytes_;
    std::optional<Timestamp> file_time_, last_resort_;
    Metadata result_;
};

}  // namespace

Failure too_large_failure(const std::string& origin, std::uint64_t max_bytes) {
    return {FailureKind::too_large, origin + ": larger than " + std::to_string(max_bytes) + " bytes, refused"};
}

std::size_t RawMessage::memory_bytes() const {
    constexpr std::size_t working_memory = 2 * block_bytes;
    const auto* const contents = std::get_if<InlineBody>(&body);
    return sizeof(RawMessage) + working_memory + (contents != nullptr ? contents->bytes.size() : 0);
}

Metadata convert(const RawMessage& message, const Sink& sink, std::uint64_t max_bytes) {
    return std::visit([&](const auto& body) { return Conversion(message, sink, max_bytes).run(body); }, message.body);
}

}  // namespace mox::intake
