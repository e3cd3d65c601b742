// Many clients of one account do everything at random and at the same time. Each believes nothing but what the server
// says, checks that it may say so, and in the end believes what a client does that comes anew.

#include <catch2/catch.hpp>
#include <thread>

#include "base/random.hpp"
#include "server/imap/model_client.hpp"

using namespace mox;
using test::are_alike;
using test::CrowdFixture;
using test::demand;
using test::lines_of;
using test::MailboxModel;
using test::MailFixture;
using test::numbers_of;
using test::Words;

namespace {

constexpr int members = 50, threads = 5, rounds = 40, deliveries = 60;
constexpr std::uint64_t seed = 20261130;

class Member : public test::ModelClient {
public:
    Member(CrowdFixture& fixture, int number)
        : ModelClient(fixture, static_cast<Enable>(number % 3)),
          number_(number),
          random_(seed + static_cast<std::uint64_t>(number)) {
        if (number % 5 == 0) ask("ENABLE IMAP4rev2");
    }

    // One command.
    void step() {
        if (idling_) return idle_on();
        if (!knows_all()) return fetch_flags();
        static constexpr std::array<void (Member::*)(), 24> deeds{
            &Member::fetch_flags, &Member::fetch_text,   &Member::fetch_text,   &Member::store,     &Member::store,
            &Member::store,       &Member::copy_or_move, &Member::copy_or_move, &Member::expunge,   &Member::search,
            &Member::search,      &Member::append,       &Member::append,       &Member::status,    &Member::list,
            &Member::make,        &Member::make,         &Member::rename,       &Member::remove,    &Member::idle,
            &Member::leave,       &Member::select,       &Member::noop,         &Member::append_two};
        constexpr std::size_t without_mailbox = 11;  // from there on
        const auto first = view_ && view_->size() > 0 ? 0 : without_mailbox;
        if (!view_ && dice(3) > 0) return select();
        (this->*deeds[first + dice(deeds.size() - first)])();
    }
    // Says why it fails.
    void guarded(const std::function<void()>& work) {
        if (failed_) return;
        try {
            work();
        } catch (const std::exception& violation) {
            failed_ = true;
            witness_.complain("client " + std::to_string(number_) + ": " + violation.what() + "\n" + command_ + "\n" +
                              answer_);
        }
    }
    void noop() { ask(dice(2) == 0 || !view_ ? "NOOP" : "CHECK"); }
    void rest() {
        while (idling_) idle_on();
        ask("NOOP");
        if (!knows_all()) fetch_flags();
        remember();
    }

private:
    std::uint64_t dice(std::uint64_t sides) { return random_.below(sides); }
    std::string box() { return "Box/" + std::to_string(dice(4)); }
    std::string some_box() {
        return dice(3) == 0 ? "Inbox" : dice(2) == 0 ? box() : dice(2) == 0 ? "Archive" : box() + "/below";
    }
    std::string some_flag() {
        static constexpr std::array flags{"\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "$Junk"};
        return dice(2) == 0 ? flags[dice(flags.size())] : "kw" + std::to_string(dice(6));
    }
    // Some messages that are next to one another: by number, or by UID with "UID " before the command.
    struct Some {
        std::string prefix, set;
        std::vector<std::uint32_t> uids;
        [[nodiscard]] Expunges expunges() const { return prefix.empty() ? Expunges::held_back : Expunges::allowed; }
    };
    Some some() {
        const auto first = dice(view_->size()), last = std::min(first + dice(4), view_->size() - 1);
        Some out{.prefix = dice(2) == 0 ? "" : "UID "};
        for (auto at = first; at <= last; ++at) out.uids.push_back(view_->messages[at].uid);
        const auto set = [](auto from, auto to) { return std::to_string(from) + ":" + std::to_string(to); };
        out.set = out.prefix.empty() ? set(first + 1, last + 1) : set(out.uids.front(), out.uids.back());
        return out;
    }

    void select() { select_by((dice(8) == 0 ? "EXAMINE " : "SELECT ") + some_box(), {}); }
    void leave() {
        if (!view_) return;
        remember();
        demand(is_ok(ask(dice(2) == 0 ? "CLOSE" : "UNSELECT")), "a mailbox cannot be left");
        view_.reset();
    }

    void fetch_text() {
        const Some chosen = some();
        fetch_texts(chosen.prefix + "FETCH " + chosen.set, dice(3) == 0 ? Texts::whole : Texts::subjects,
                    chosen.expunges());
    }
    void store() {
        const Some chosen = some();
        const std::string sign = std::array{"+", "-", ""}[dice(3)], silent = dice(3) == 0 ? ".SILENT" : "";
        const std::set<std::string> flags = dice(2) == 0 ? std::set{some_flag()} : std::set{some_flag(), some_flag()};
        std::string list;
        for (const auto& flag : flags) list += (list.empty() ? "" : " ") + flag;
        const auto tagged =
            ask(chosen.prefix + "STORE " + chosen.set + " " + sign + "FLAGS" + silent + " (" + list + ")",
                chosen.expunges());
        demand(!read_only_ || !is_ok(tagged), "a change where only reading is allowed");
        if (!is_ok(tagged)) return;
        std::vector<std::uint32_t> others;
        for (const auto uid : chosen.uids) {
            auto* const message = view_->find(uid);
            if (message == nullptr) continue;
            std::set<std::string> wanted = sign.empty() ? std::set<std::string>{} : message->flags;
            for (const auto& flag : flags) sign == "-" ? void(wanted.erase(flag)) : void(wanted.insert(flag));
            if (!silent.empty()) message->flags = wanted;
            if (message->flags != wanted) others.push_back(uid);
        }
        require_gone(others);
    }
    void copy_or_move() {
        const Some chosen = some();
        const bool move = dice(2) == 0;
        const auto tagged = ask(chosen.prefix + (move ? "MOVE " : "COPY ") + chosen.set + " " + some_box());
        if (!move || !is_ok(tagged)) return;
        for (const auto uid : chosen.uids) demand(view_->find(uid) == nullptr, "a message is still there after MOVE");
    }
    void expunge() {
        const std::string tagged = ask(dice(3) == 0 ? "UID EXPUNGE " + some().set.substr(0, 1) + ":*" : "EXPUNGE");
        if (!is_ok(tagged) || tagged.find("UID") != std::string::npos) return;
        for (const auto& message : view_->messages)
            demand(!message.flags.contains("\\Deleted"), "a deleted message is still there after EXPUNGE");
    }
    void search() {
        const std::string flag = some_flag(), prefix = dice(2) == 0 ? "" : "UID ";
        if (flag.starts_with("$")) return;
        if (dice(6) == 0) {
            ask(prefix + "SEARCH TEXT \"number\" SUBJECT \"1\"",
                prefix.empty() ? Expunges::held_back : Expunges::allowed);
            return;
        }
        const std::string key = flag.starts_with("\\") ? flag.substr(1) : "KEYWORD " + flag;
        const auto uids = view_->uids();
        found_.clear();
        ask(prefix + "SEARCH " + key, prefix.empty() ? Expunges::held_back : Expunges::allowed);
        std::set<std::uint32_t> found;
        for (const auto number : found_) {
            demand(!prefix.empty() || number <= uids.size(), "SEARCH finds a message that is not there");
            found.insert(prefix.empty() ? uids[number - 1] : number);
        }
        std::vector<std::uint32_t> not_found;
        for (const auto uid : uids) {
            const auto* const message = view_->find(uid);
            if (message == nullptr) continue;
            const bool has_flag = message->flags.contains(flag);
            demand(has_flag || !found.contains(uid), "SEARCH finds what has no such flag");
            if (has_flag && !found.contains(uid)) not_found.push_back(uid);
        }
        require_gone(not_found);
    }

    struct Text {
        std::string token, contents;
    };
    Text text() {
        Text out{.token = "number " + std::to_string(number_) + "." + std::to_string(++texts_)};
        out.contents = MailFixture::message(out.token);
        for (auto lines = dice(40); lines > 0; --lines) out.contents += "All work and no play.\r\n";
        return out;
    }
    static std::string literal(const std::string& contents) {
        return "{" + std::to_string(contents.size()) + "+}\r\n" + contents;
    }
    void append() {
        const Text one = text();
        appended(ask("APPEND " + some_box() + " (" + some_flag() + ") " + literal(one.contents)), {one});
    }
    void append_two() {
        const Text one = text(), two = text();
        appended(ask("APPEND " + some_box() + " " + literal(one.contents) + " " + literal(two.contents)), {one, two});
    }
    void appended(const std::string& tagged, const std::vector<Text>& texts) {
        if (!is_ok(tagged)) return demand(tagged.find("[TRYCREATE]") != std::string::npos, "APPEND fails");
        Words in(tagged);
        in.expect("OK [APPENDUID ");
        const auto uidvalidity = static_cast<std::uint32_t>(in.number());
        in.expect(" ");
        const auto uids = numbers_of(in.until("]"));
        demand(uids.size() == texts.size(), "APPENDUID with another number of messages");
        for (std::size_t i = 0; i < uids.size(); ++i) witness_.note(uidvalidity, uids[i], texts[i].token);
    }

    void status() { ask("STATUS " + some_box() + " (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE)"); }
    void list() {
        auto names = mailboxes();
        std::ranges::sort(names);
        demand(number_ % 5 == 0 || std::ranges::adjacent_find(names) == names.end(), "a mailbox twice");
    }
    void make() { ask("CREATE " + (dice(3) == 0 ? box() + "/below" : box())); }
    void rename() { ask("RENAME " + (dice(6) == 0 ? "Inbox" : box()) + " " + box()); }
    void remove() { ask("DELETE " + (dice(2) == 0 ? box() + "/below" : box())); }

    void idle() {
        command_ = "t" + std::to_string(++tags_) + " IDLE";
        answer_ = client_.feed(command_ + "\r\n");
        demand(answer_.starts_with("+ idling\r\n"), "IDLE does not begin");
        for (const auto& line : lines_of(std::string_view(answer_).substr(10))) hear(line, Expunges::allowed);
        idling_ = true;
    }
    void idle_on() {
        if (client_.is_woken()) {
            answer_ = client_.wake();
            for (const auto& line : lines_of(answer_)) hear(line, Expunges::allowed);
        } else if (dice(3) == 0) {
            answer_ = client_.feed("DONE\r\n");
            demand(answer_ == "t" + std::to_string(tags_) + " OK IDLE done\r\n", "IDLE does not end");
            idling_ = false;
        }
        if (view_) view_->check();
    }

    const int number_;
    SeededRandom random_;
    bool idling_ = false, failed_ = false;
    int texts_ = 0;
};

}  // namespace

TEST_CASE("fifty clients do everything at once, and each is told the truth", "[imap]") {
    CrowdFixture f;
    {
        std::vector<std::unique_ptr<Member>> crowd;
        for (int number = 0; number < members; ++number) crowd.push_back(std::make_unique<Member>(f, number));
        std::vector<std::jthread> running;
        for (int thread = 0; thread < threads; ++thread)
            running.emplace_back([&, thread] {
                for (int round = 0; round < rounds; ++round)
                    for (int number = thread; number < members; number += threads)
                        crowd[static_cast<std::size_t>(number)]->guarded(
                            [&] { crowd[static_cast<std::size_t>(number)]->step(); });
            });
        // As another process.
        for (int i = 0; i < deliveries; ++i) {
            (void)f.deliver("Inbox", f.message("delivered " + std::to_string(i)));
            f.shared_accounts.look_for_changes();
        }
        running.clear();

        for (auto& member : crowd) member->guarded([&] { member->rest(); });
        Member fresh(f, members + 1);
        std::map<std::string, MailboxModel> truth;
        std::map<std::string, std::string> names;
        fresh.guarded([&] {
            for (const auto& name : fresh.mailboxes()) {
                auto now = fresh.look_at(name);
                names[now.id] = name;
                truth.emplace(now.id, std::move(now));
            }
        });
        std::size_t compared = 0, resynced = 0;
        for (auto& member : crowd)
            member->guarded([&] {
                if (member->view()) {
                    const auto entry = truth.find(member->view()->id);
                    if (entry == truth.end())
                        demand(member->view()->size() == 0, "a deleted mailbox has messages");
                    else
                        demand(are_alike(*member->view(), entry->second), "the client believes what is not so");
                    ++compared;
                }
                const auto remembered = member->remembered();  // which changes meanwhile
                for (const auto& [id, before] : remembered) {
                    const auto entry = truth.find(id);
                    if (entry == truth.end() || entry->second.uidvalidity != before.uidvalidity) continue;
                    demand(are_alike(member->come_back(names[id], before), entry->second),
                           "who comes back believes what is not so");
                    ++resynced;
                }
            });
        for (const auto& violation : f.witness.violations) UNSCOPED_INFO(violation);
        CHECK(f.witness.violations.empty());
        CHECK(compared > members / 4);
        CHECK(resynced > members / 10);
        CHECK(truth.size() > 5);
    }
    // The last one who leaves has what was expunged erased.
    f.settle();
    CHECK(f.other().database().value<int>("SELECT count(*) FROM erase_queue") == 0);
    CHECK(f.sink.text() == "");
}
