#include "server/imap/append.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "mime/date.hpp"
#include "server/imap/flag_names.hpp"
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

}  // namespace

Append::~Append() {
    writer_.abandon();
    for (const auto& one : received_) ::unlink(one.file.c_str());
}

// [flags] [date] literal, each but the last with a space behind it.
void Append::parse_message(Parser& in, Message& message) {
    if (in.cursor().peek() == '(') {
        const FlagList list = parse_flag_list(in);
        message.details.flags = list.flags;
        message.details.keywords = list.keywords;
        in.space();
    }
    if (in.cursor().peek() == '"') {
        const auto received = mime::parse_internal_date(in.string());
        if (!received) in.fail("no date and time");
        message.details.received = *received;
        in.space();
    } else {
        message.details.received = session_.environment().clock.now();
    }
    if (in.take_word("UTF8")) {
        in.space();
        in.expect('(');
        message.utf8 = true;
    }
    in.take('~');
    in.expect('{');
    (void)in.cursor().expect_number();  // message.literal has it
    in.take('+');
    in.expect('}');
    in.end();
}

bool Append::begin(const std::string& command) {
    Parser in(command);
    (void)in.tag();
    in.space();
    (void)in.atom();
    message_.literal = CommandReader::literal_at_end(command).value_or(CommandReader::Literal{});
    try {
        in.space();
        if (in.cursor().peek() == '{' && command.find('\n') == std::string::npos) return false;
        mailbox_ = parse_mailbox(session_, in);
        in.space();
    } catch (const SyntaxError& error) {
        fail(bad(std::string("syntax error: ") + error.what()));
    }
    begin_message(in);
    return true;
}

void Append::begin_message(Parser& in) {
    if (!failure_) {
        try {
            parse_message(in, message_);
        } catch (const SyntaxError& error) {
            fail(bad(std::string("syntax error: ") + error.what()));
        }
    }
    remaining_ = message_.literal.size;
    if (message_.literal.size > max_message_bytes) fail(no("the message is too large", "TOOBIG"));
    if (message_.literal.size == 0) fail(no("there is nothing to append"));
    if (received_.size() >= max_appended_messages) fail(no("too many messages at once", "LIMIT"));
    if (failure_) return receive_or_refuse();
    session_.work([this] { guarded([this] { open_file(session_.account()); }); }, [this] { receive_or_refuse(); });
}

void Append::open_file(store::Account& account) {
    if (!store::find_mailbox(account.database(), mailbox_)) return fail(no("no such mailbox", "TRYCREATE"));
    const std::int64_t bytes = bytes_received() + static_cast<std::int64_t>(message_.literal.size);
    if (bytes > session_.environment().most_appended_bytes) throw no("too much at once", "LIMIT");
    session_.require_room_for(bytes);
    make_directory(account.layout().tmp(), account.ownership());
    file_ = account.temporary_file();
    after_cr_ = false;
    writer_.begin(file_, {}, account.ownership());
}

std::int64_t Append::bytes_received() const {
    std::int64_t bytes = 0;
    for (const auto& one : received_) bytes += one.written.size_bytes;
    return bytes;
}

void Append::receive_or_refuse() {
    if (failure_ && message_.literal.synchronizing) return end(*failure_);
    if (failure_ && message_.literal.size > max_message_bytes) {
        session_.untagged("BYE [ALERT] the message is too large");
        end(*failure_);
        return session_.close();
    }
    if (message_.literal.synchronizing) session_.output() += "+ go ahead\r\n";
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
        if (!failure_) session_.work_aside([this, bytes = std::move(bytes)] { guarded([&] { write(bytes); }); }, [] {});
        return true;
    }
    in_literal_ = false;
    const auto item = reader.next_line();
    if (std::holds_alternative<CommandReader::Incomplete>(item)) return false;
    if (const auto* const line = std::get_if<CommandReader::Command>(&item)) {
        next_line(line->text);
        return true;
    }
    session_.untagged("BYE [ALERT] line too long");
    end(bad("line too long", "TOOBIG"));
    session_.close();
    return true;
}

void Append::write(const std::string& bytes) {
    const std::string right = with_crlf(bytes, after_cr_);
    writer_.write(as_bytes(right));
    if (remaining_ > 0) return;
    received_.push_back({.file = file_, .written = {}, .details = message_.details});
    received_.back().written = writer_.finish(store::MessageWriter::Sync::later);
}

// After a literal: the end, or another message.
void Append::next_line(const std::string& line) {
    Parser in(line);
    try {
        if (message_.utf8) in.expect(')');
        if (in.at_end()) {
            if (failure_) return end(*failure_);
            done_ = true;
            return session_.on_account_once([this](store::Account&) { store_all(); });
        }
        in.space();
    } catch (const SyntaxError& error) {
        fail(bad(std::string("syntax error: ") + error.what()));
    }
    message_ = {};
    const auto literal = CommandReader::literal_at_end(line);
    if (!literal) {
        if (!failure_) fail(bad("syntax error: expected a literal"));
        return end(*failure_);
    }
    message_.literal = *literal;
    begin_message(in);
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
