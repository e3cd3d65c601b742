#include "server/imap/append.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/mailbox_names.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

namespace {

// Line ends as messages have them: a bare LF becomes CRLF. `after_cr` is kept from piece to piece.
std::string with_crlf(const std::string& bytes, bool& after_cr) {
    bool is_right = true;
    bool cr = after_cr;
    for (const char c : bytes) {
        is_right = is_right && (c != '\n' || cr);
        cr = c == '\r';
    }
    if (is_right) {
        after_cr = cr;
        return bytes;
    }
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 16);
    for (const char c : bytes) {
        if (c == '\n' && !after_cr) out += '\r';
        out += c;
        after_cr = c == '\r';
    }
    return out;
}

constexpr std::uint64_t copied_at_once = 1U << 20U;

// RFC 4469 section 5.
std::string bad_url(std::string_view url) {
    std::string text;
    for (const char c : url.substr(0, 1000)) {
        if (c == '"' || c == '\\') text += '\\';
        text += c >= ' ' && c < '\x7f' ? c : '?';
    }
    return "BADURL \"" + text + "\"";
}

}  // namespace

Append::~Append() {
    writer_.abandon();
    for (const auto& one : received_) ::unlink(one.file.c_str());
}

bool Append::begin(const std::string& command) {
    Parser in(command);
    (void)in.tag();
    in.space();
    (void)in.atom();
    if (in.cursor().rest().starts_with(" {") && command.find('\n') == std::string::npos) return false;
    take_line(CommandReader::literal_at_end(command), [&] { return first_line(in); });
    return true;
}

void Append::begin_complete(Parser& in) {
    take_line(std::nullopt, [&] { return first_line(in); });
}

std::vector<AppendPart> Append::first_line(Parser& in) {
    in.space();
    mailbox_ = parse_mailbox(session_, in);
    in.space();
    return grammar_.first_line(in);
}

void Append::take_line(std::optional<CommandReader::Literal> literal,
                       const std::function<std::vector<AppendPart>()>& parse) {
    literal_ = literal;
    if (!failure_) {
        try {
            for (auto& part : parse()) parts_.push_back(std::move(part));
        } catch (const SyntaxError& error) {
            fail(bad(std::string("syntax error: ") + error.what()));
        }
    }
    go_on();
}

// Does what the line asks for, each thing where it belongs.
void Append::go_on() {
    if (failure_) {  // of the line only its literal counts: the bytes come in any case
        contents_.reset();
        parts_.clear();
        return literal_ ? receive_or_refuse() : end(*failure_);
    }
    const auto then = [this] { go_on(); };
    if (contents_) return session_.work_aside([this] { guarded([this] { copy_some(); }); }, then);
    switch (parts_.front().kind) {
        case AppendPart::Kind::literal:
        case AppendPart::Kind::url_literal:
            if (std::exchange(reserved_, false)) return receive_or_refuse();
            [[fallthrough]];
        case AppendPart::Kind::message:
        case AppendPart::Kind::url:
            return session_.work([this] { guarded([this] { prepare(session_.account()); }); }, then);
        case AppendPart::Kind::message_end:
            parts_.pop_front();
            return session_.work_aside([this] { guarded([this] { finish_message(); }); }, then);
        case AppendPart::Kind::end:
            done_ = true;
            return session_.on_account_once([this](store::Account&) { store_all(); });
    }
}

// What needs the account, of the parts that come next.
void Append::prepare(store::Account& account) {
    if (parts_.front().kind == AppendPart::Kind::message) {
        open_message(account, std::move(parts_.front().details));
        parts_.pop_front();
    }
    const auto& part = parts_.front();
    if (part.kind == AppendPart::Kind::url) {
        find_contents(account, part.url);
        parts_.pop_front();
        return;
    }
    if (!literal_) throw bad("syntax error: expected a literal");
    if (part.kind == AppendPart::Kind::url_literal) {
        if (literal_->size > max_url_bytes) throw no("the URL is too long", bad_url(""));
    } else {
        if (literal_->size == 0 && !grammar_.catenating()) throw no("there is nothing to append");
        reserve(literal_->size);
    }
    reserved_ = true;
}

void Append::open_message(store::Account& account, store::NewMessage details) {
    if (received_.size() >= max_appended_messages) throw no("too many messages at once", "LIMIT");
    if (!store::find_mailbox(account.database(), mailbox_)) throw no("no such mailbox", "TRYCREATE");
    make_directory(account.layout().tmp(), account.ownership());
    details_ = std::move(details);
    file_ = account.temporary_file();
    message_bytes_ = 0;
    message_parts_ = 0;
    after_cr_ = false;
    writer_.begin(file_, {}, account.ownership());
}

void Append::find_contents(store::Account& account, const std::string& text) {
    auto url = parse_message_url(text);
    if (url && !url->mailbox && session_.state() == State::selected) {
        url->mailbox = session_.selected().name;
        url->uidvalidity = session_.selected().uidvalidity;
    }
    if (url && url->mailbox) contents_ = UrlContents::find(account, *url);
    if (!contents_) throw no("there is no such message, or part of it", bad_url(text));
    reserve(contents_->size_bytes());
    if (contents_->size_bytes() == 0) contents_.reset();
}

void Append::reserve(std::uint64_t bytes) {
    if (++message_parts_ > max_catenated_parts) throw no("too many parts of a message", "LIMIT");
    constexpr auto most = static_cast<std::uint64_t>(max_message_bytes);
    if (bytes > most || message_bytes_ + bytes > most) throw no("the message is too large", "TOOBIG");
    message_bytes_ += bytes;
    const std::int64_t all = bytes_received() + static_cast<std::int64_t>(message_bytes_);
    if (all > session_.environment().most_appended_bytes) throw no("too much at once", "LIMIT");
    session_.require_room_for(all);
}

void Append::copy_some() {
    write(contents_->take(copied_at_once));
    if (contents_->size_bytes() == 0) contents_.reset();
}

void Append::write(const std::string& bytes) {
    const std::string right = with_crlf(bytes, after_cr_);
    writer_.write(as_bytes(right));
}

void Append::finish_message() {
    if (message_bytes_ == 0) throw no("there is nothing to append");
    received_.push_back({.file = file_, .written = {}, .details = std::move(details_)});
    received_.back().written = writer_.finish(store::MessageWriter::Sync::later);
}

std::int64_t Append::bytes_received() const {
    std::int64_t bytes = 0;
    for (const auto& one : received_) bytes += one.written.size_bytes;
    return bytes;
}

void Append::receive_or_refuse() {
    if (failure_ && literal_->synchronizing) return end(*failure_);
    if (failure_ && literal_->size > max_message_bytes) {
        session_.untagged("BYE [ALERT] the message is too large");
        end(*failure_);
        return session_.close();
    }
    if (literal_->synchronizing) session_.output() += "+ go ahead\r\n";
    remaining_ = literal_->size;
    in_literal_ = true;
}

void Append::fail(Refusal refusal) {
    if (!failure_) failure_ = std::move(refusal);
}

void Append::end(const Refusal& refusal) {
    done_ = true;
    session_.refuse(refusal);
}

void Append::guarded(const std::function<void()>& work) {
    try {
        work();
    } catch (const Refusal& refusal) {
        fail(refusal);
    } catch (const Error& error) {
        fail(session_.refusal_for(error));
    }
}

bool Append::advance(CommandReader& reader) {
    if (in_literal_ && remaining_ > 0) {
        std::string bytes = reader.take_bytes(static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, SIZE_MAX)));
        if (bytes.empty()) return false;
        remaining_ -= bytes.size();
        if (failure_) return true;
        if (parts_.front().kind == AppendPart::Kind::url_literal)
            parts_.front().url += bytes;
        else
            session_.work_aside([this, bytes = std::move(bytes)] { guarded([&] { write(bytes); }); }, [] {});
        return true;
    }
    end_literal();
    const auto item = reader.next_line();
    if (std::holds_alternative<CommandReader::Incomplete>(item)) return false;
    if (const auto* const line = std::get_if<CommandReader::Command>(&item)) {
        Parser in(line->text);
        take_line(CommandReader::literal_at_end(line->text), [&] { return grammar_.next_line(in); });
        return true;
    }
    session_.untagged("BYE [ALERT] line too long");
    end(bad("line too long", "TOOBIG"));
    session_.close();
    return true;
}

void Append::end_literal() {
    if (!std::exchange(in_literal_, false) || failure_) return;
    if (parts_.front().kind == AppendPart::Kind::url_literal)
        parts_.front().kind = AppendPart::Kind::url;  // is known now
    else
        parts_.pop_front();
}

void Append::store_all() {
    store::Account& account = session_.account_for_writing();
    session_.require_room_for(bytes_received());
    std::vector<store::PreparedMessage> prepared;
    for (auto& one : received_) {
        prepared.push_back(store::place(account, one.file, std::move(one.written)));
        one.file.clear();
    }
    store::Transaction tx(account);
    const auto mailbox = store::find_mailbox(tx.database(), mailbox_);
    if (!mailbox) throw no("no such mailbox", "TRYCREATE");
    RangeCollector uids;
    for (std::size_t i = 0; i < prepared.size(); ++i)
        uids.add(number(store::add(tx, *mailbox, prepared[i], received_[i].details)));
    const store::ModSeq modseq = tx.modseq();
    tx.commit();
    session_.committed(modseq, Session::Own::tell);
    session_.ok({}, "APPENDUID " + std::to_string(mailbox->uidvalidity) + " " + compact_set(uids.ranges()));
}

}  // namespace mox::imap
