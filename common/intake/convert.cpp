#include <unistd.h>
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
    if (form.bare_cr() > 0) to.warnings.push_back(counted(form.bare_cr(), "CR bytes without LF, kept"));
    if (form.nul() > 0) to.warnings.push_back(counted(form.nul(), "NUL bytes, kept"));
    if (header.dropped_keywords() > 0)
        to.warnings.push_back(counted(header.dropped_keywords(), "keywords too many, left out"));
    if (header.cut()) to.warnings.emplace_back("a field of the header is too long to be looked at as a whole");
}

// Gives `feed` the contents of a file. False when reading failed, with the reason in `to`.
template <class Feed>
bool feed_file(const MessageFolder::Opened& file, Metadata& to, Feed&& feed) {
    const std::unique_ptr<char[]> block(new char[block_bytes]);
    for (;;) {
        const ssize_t count = ::read(file.fd.get(), block.get(), block_bytes);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            to.failure = Failure{FailureKind::unreadable, system_error(errno, "read", to.origin).what()};
            return false;
        }
        if (count == 0) return true;
        feed(std::string_view(block.get(), static_cast<std::size_t>(count)));
    }
}

class Conversion {
public:
    Conversion(const RawMessage& message, const Sink& sink) : sink_(sink) { take_over(message); }

    Metadata run(const InlineBody& body) {
        if (body.is_mbox && is_exported_entry(body.bytes.text()))
            return convert_exported(std::move(result_), body.bytes.text(), sink_);
        if (result_.received) result_.received_from = ReceivedFrom::from_line;
        HeaderFields header({.date = !result_.received, .marks = body.is_mbox}, result_.marks);
        StoredForm form(body.is_mbox ? Quoting::mbox : Quoting::none, header, sink_);
        form.feed(body.bytes.text());
        finish(form, header);
        return std::move(result_);
    }

    Metadata run(const FileBody& body) {
        const MessageFolder::Opened file = body.folder->open(body);
        if (file.renamed) take_over(*file.renamed);
        if (file.failure) {
            result_.failure = file.failure;
            return std::move(result_);
        }
        if (result_.received) {
            result_.received_from = ReceivedFrom::file_name;
        } else if (file.changed) {
            result_.received = file.changed;
            result_.received_from = ReceivedFrom::file_time;
        }
        if (body.exact) return run_exact(file);
        HeaderFields header({.date = !result_.received}, result_.marks);
        StoredForm form(Quoting::none, header, sink_);
        if (feed_file(file, result_, [&](std::string_view text) { form.feed(text); })) finish(form, header);
        return std::move(result_);
    }

private:
    Metadata run_exact(const MessageFolder::Opened& file) {
        std::uint64_t size = 0;
        const bool done = feed_file(file, result_, [&](std::string_view text) {
            check_interrupt();
            sink_(as_bytes(text));
            size += text.size();
        });
        if (done) result_.size_bytes = size;
        return std::move(result_);
    }

    void take_over(const RawMessage& message) {
        result_.origin = message.origin;
        result_.marks = message.marks;
        result_.received = message.received;
        result_.warnings = message.warnings;
    }

    void finish(StoredForm& form, const HeaderFields& header) {
        form.finish();
        result_.size_bytes = form.size_bytes();
        if (!result_.received && header.date()) {
            result_.received = mime::parse_date(*header.date());
            if (result_.received) result_.received_from = ReceivedFrom::date_header;
        }
        add_warnings(result_, form, header);
    }

    const Sink& sink_;
    Metadata result_;
};

}  // namespace

std::size_t RawMessage::memory_bytes() const {
    constexpr std::size_t working_memory = 2 * block_bytes;
    const auto* const contents = std::get_if<InlineBody>(&body);
    return sizeof(RawMessage) + working_memory + (contents != nullptr ? contents->bytes.size() : 0);
}

Metadata convert(const RawMessage& message, const Sink& sink) {
    return std::visit([&](const auto& body) { return Conversion(message, sink).run(body); }, message.body);
}

}  // namespace mox::intake
