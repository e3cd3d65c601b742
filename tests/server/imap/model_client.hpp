#pragma once

#include <map>
#include <optional>

#include "server/imap/crowd_fixture.hpp"
#include "server/imap/mailbox_model.hpp"
#include "server/imap/worker_client.hpp"

namespace mox::test {

// A client that knows what the server says of the mailbox it has selected, and checks all that it hears. Functions
// throw Violation.
class ModelClient {
public:
    enum class Enable { nothing, condstore, qresync };
    ModelClient(CrowdFixture& fixture, Enable enable)
        : witness_(fixture.witness),
          client_(std::make_unique<imap::Session>(fixture.crowd, imap::Settings{}, net::Peer{.ip = "192.0.2.1"},
                                                  log::Logger(fixture.shared, "net")),
                  fixture.workers),
          qresync_(enable == Enable::qresync) {
        (void)client_.start();
        client_.session().log_in({.account = "mjl", .address = "mjl@mox.example"});
        (void)client_.feed("");
        if (qresync_) ask("ENABLE QRESYNC");
        if (enable == Enable::condstore) ask("ENABLE CONDSTORE");
    }
    [[nodiscard]] const std::optional<MailboxModel>& view() const { return view_; }
    // With QRESYNC: mailboxes as they were when they were left, by MAILBOXID.
    [[nodiscard]] const std::map<std::string, MailboxModel>& remembered() const { return remembered_; }

    std::vector<std::string> mailboxes() {
        listed_.clear();
        ask("LIST \"\" *");
        return listed_;
    }
    // All messages of a mailbox.
    MailboxModel look_at(const std::string& mailbox) {
        select_by("EXAMINE " + mailbox, {});
        demand(view_.has_value(), "a mailbox that is listed cannot be opened");
        if (view_->size() == 0) return *view_;
        demand(view_->messages.back().uid < view_->uidnext, "a UID that is not below UIDNEXT");
        fetch_texts("UID FETCH 1:*", Texts::subjects);
        return *view_;
    }
    // The mailbox as it is for who comes back to it.
    MailboxModel come_back(const std::string& mailbox, const MailboxModel& before) {
        select_by("SELECT " + mailbox, before);
        demand(view_.has_value(), "a mailbox that is listed cannot be opened");
        return *view_;
    }

protected:
    using Expunges = MailboxModel::Expunges;
    // The tagged answer, without its tag: "OK …" or "NO …".
    std::string ask(const std::string& command, Expunges expunges = Expunges::allowed) {
        const std::string tag = "t" + std::to_string(++tags_);
        command_ = tag + " " + command;
        answer_ = client_.feed(command_ + "\r\n");
        auto lines = lines_of(answer_);
        demand(!lines.empty() && lines.back().text.starts_with(tag + " "), "no tagged answer");
        const std::string tagged = lines.back().text.substr(tag.size() + 1);
        lines.pop_back();
        for (const auto& line : lines) hear(line, expunges);
        demand(tagged.starts_with("OK ") || tagged.starts_with("NO "), "neither OK nor NO");
        for (const char* code : {"SERVERBUG", "CORRUPTION", "INUSE"})
            demand(tagged.find(code) == std::string::npos, "an error of the server");
        if (const auto at = tagged.find("[COPYUID "); at != std::string::npos) copied(Words(tagged).rest().substr(at));
        if (view_) view_->check();
        return tagged;
    }
    static bool is_ok(const std::string& tagged) { return tagged.starts_with("OK "); }
    void hear(const ResponseLine& line, Expunges expunges) {
        if (line.text == "* OK [CLOSED] no mailbox is selected") return void(view_.emplace());
        if (view_ && view_->hear(line, expunges)) return;
        Words in(line.text);
        in.expect("* ");
        if (in.take("SEARCH")) {
            found_.clear();
            while (in.take(" ")) found_.push_back(static_cast<std::uint32_t>(in.number()));
        } else if (in.take("ESEARCH (TAG \"t" + std::to_string(tags_) + "\")")) {
            (void)in.take(" UID");
            found_ = in.take(" ALL ") ? numbers_of(in.rest()) : std::vector<std::uint32_t>{};
        } else if (in.take("LIST (")) {
            in.until(")");
            in.expect(") \"/\" ");
            listed_.emplace_back(in.rest());
        } else if (in.take("OK [UIDVALIDITY ")) {
            view_->uidvalidity = static_cast<std::uint32_t>(in.number());
        } else if (in.take("OK [UIDNEXT ")) {
            view_->uidnext = static_cast<std::uint32_t>(in.number());
        } else if (in.take("OK [HIGHESTMODSEQ ")) {
            view_->highest_modseq = in.number();
        } else if (in.take("OK [MAILBOXID (")) {
            view_->id = in.until(")");
        } else if (in.take("OK [COPYUID ")) {
            copied(line.text.substr(line.text.find('[')));
        } else {
            demand(in.take("OK ") || in.take("STATUS ") || in.take("ENABLED"), "an unknown response: " + line.text);
        }
    }

    // "[COPYUID 7 1:2 4:5]…": the copies are the same messages.
    void copied(std::string_view text) {
        Words in(text);
        in.expect("[COPYUID ");
        const auto uidvalidity = static_cast<std::uint32_t>(in.number());
        in.expect(" ");
        const auto from = numbers_of(in.until(" "));
        in.expect(" ");
        const auto to = numbers_of(in.until("]"));
        demand(from.size() == to.size(), "COPYUID with different numbers of messages");
        for (std::size_t i = 0; i < from.size(); ++i) {
            const auto token = witness_.token_of(view_->uidvalidity, from[i]);
            if (!token.empty()) witness_.note(uidvalidity, to[i], token);
        }
    }
    // Messages that were not told of, or not as they should be: they must be gone.
    void require_gone(const std::vector<std::uint32_t>& uids) {
        if (uids.empty()) return;
        const std::string before = command_ + "\n" + answer_;
        ask("NOOP");
        for (const auto uid : uids)
            demand(view_->find(uid) == nullptr, "message with UID " + std::to_string(uid) + " after\n" + before);
    }

    void select_by(const std::string& command, const std::optional<MailboxModel>& before) {
        remember();
        if (!view_) view_.emplace();
        read_only_ = command.starts_with("EXAMINE");
        if (before) return came_back(command, *before);
        if (!is_ok(ask(command))) return view_.reset();
        demand(!view_->id.empty() && view_->uidvalidity > 0 && view_->uidnext > 0, "SELECT does not tell all");
        fetch_flags();
    }
    // With QRESYNC: what is told on top of what the client knew already.
    void came_back(const std::string& command, const MailboxModel& before) {
        const std::string tagged = ask(command + " (QRESYNC (" + std::to_string(before.uidvalidity) + " " +
                                       std::to_string(before.highest_modseq) + "))");
        demand(is_ok(tagged), "no way back");
        std::map<std::uint32_t, MailboxModel::Message> now;
        for (const auto& message : before.messages) now[message.uid] = message;
        for (const auto& line : lines_of(answer_)) {
            Words in(line.text);
            if (in.take("* VANISHED (EARLIER) "))
                for (const auto uid : numbers_of(in.rest())) now.erase(uid);
        }
        for (const auto& message : view_->messages)
            if (message.uid != 0) now[message.uid] = message;
        demand(now.size() == view_->size(), "who comes back knows another number of messages");
        for (std::size_t at = 0; const auto& [uid, message] : now) view_->messages[at++] = message;
    }
    void remember() {
        if (view_ && qresync_) remembered_[view_->id] = *view_;
    }
    [[nodiscard]] bool knows_all() const { return !view_ || view_->find(0) == nullptr; }
    // Of messages that come during a FETCH only the number is told, so that there is more to ask for.
    void fetch_flags() {
        for (int attempt = 0; attempt < 20 && view_->size() > 0; ++attempt) {
            for (auto& message : view_->messages) message.flags.insert("unknown");
            ask("FETCH 1:* (UID FLAGS)", Expunges::held_back);
            std::vector<std::uint32_t> not_told;
            for (auto& message : view_->messages)
                if (message.flags.erase("unknown") > 0 && message.uid != 0) not_told.push_back(message.uid);
            require_gone(not_told);
            if (knows_all()) return;
            ask("NOOP");
            if (knows_all()) return;
        }
        demand(view_->size() == 0, "messages that are never told");
    }
    enum class Texts { whole, subjects };
    void fetch_texts(const std::string& fetch, Texts which, Expunges expunges = Expunges::allowed) {
        const bool whole = which == Texts::whole;
        ask(fetch + (whole ? " (UID RFC822.SIZE BODY[])" : " (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])"),
            expunges);
        for (const auto& line : lines_of(answer_)) {
            Words in(line.text);
            if (line.literals.empty() || !in.take("* ")) continue;
            (void)in.number();
            in.expect(" FETCH ");
            const FetchLine fetched = fetch_line_of(line, in);
            demand(fetched.uid && fetched.size && fetched.text, "FETCH leaves something out");
            demand(!whole || fetched.text->size() == *fetched.size, "a message of another size");
            const auto at = fetched.text->find("Subject: ");
            demand(at != std::string::npos, "a message without its subject");
            witness_.note(view_->uidvalidity, *fetched.uid,
                          fetched.text->substr(at + 9, fetched.text->find("\r\n", at) - at - 9));
        }
    }

    Witness& witness_;
    WorkerClient client_;
    const bool qresync_;
    bool read_only_ = false;
    int tags_ = 0;
    std::string command_, answer_;
    std::optional<MailboxModel> view_;
    std::vector<std::uint32_t> found_;  // by the last SEARCH
    std::vector<std::string> listed_;   // by the last LIST

private:
    std::map<std::string, MailboxModel> remembered_;
};

}  // namespace mox::test
