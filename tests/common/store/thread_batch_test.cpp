#include "store/thread_batch.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/random.hpp"
#include "fixture.hpp"
#include "store/threads.hpp"

using namespace mox;
using namespace mox::store;
using test::Fixture;

namespace {

constexpr std::int64_t start = 1'700'000'000;

// A message as the rules see it.
struct Known {
    std::int64_t id = 0;
    mime::Threading threading;
    std::int64_t received = 0;
    std::set<std::string> mailboxes;  // first delivered to
    std::int64_t account_thread = 0;  // 0: of the batch
    std::size_t target = 0;           // of the batch: index of the mailbox

    [[nodiscard]] bool is_of_account() const { return account_thread != 0; }
};

struct Link {
    std::int64_t id = 0, thread = 0, parent = 0;
    bool missing = false;
    friend bool operator==(const Link&, const Link&) = default;
};
std::ostream& operator<<(std::ostream& out, const Link& link) {
    return out << "{" << link.id << " in " << link.thread << " below " << link.parent
               << (link.missing ? ", missing}" : "}");
}

// The rules, word by word and without any haste. `all`: the account's in ascending order of ids, then the batch's.
class Model {
public:
    explicit Model(const std::vector<Known>& all) : all_(all), parents_(all.size()), missing_(all.size()) {
        for (std::size_t i = 0; i < all_.size(); ++i)
            if (!all_[i].is_of_account()) find_parent(i);
        cut_cycles();
    }
    [[nodiscard]] std::vector<Link> links() const {
        std::vector<Link> links;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (all_[i].is_of_account()) continue;
            std::size_t root = i;
            while (!all_[root].is_of_account() && parents_[root]) root = *parents_[root];
            links.push_back({all_[i].id, all_[root].is_of_account() ? all_[root].account_thread : all_[root].id,
                             parents_[i] ? all_[*parents_[i]].id : 0, missing_[i]});
        }
        return links;
    }

private:
    template <class Condition>
    std::optional<std::size_t> first(Condition&& condition) const {
        for (std::size_t k = 0; k < all_.size(); ++k)
            if (condition(all_[k])) return k;
        return std::nullopt;
    }
    void find_parent(std::size_t i) {
        const auto& own = all_[i].threading;
        if (!own.message_id.empty()) {
            const auto twin = first([&](const Known& k) { return k.threading.message_id == own.message_id; });
            if (twin != i) {
                parents_[i] = twin;
                missing_[i] = true;
                return;
            }
        }
        for (auto reference = own.references.rbegin(); reference != own.references.rend(); ++reference) {
            if (*reference != own.message_id)
                parents_[i] = first([&](const Known& k) {
                    return k.threading.message_id == *reference && k.threading.subject.text == own.subject.text;
                });
            if (parents_[i]) return;
            missing_[i] = true;
        }
        if (own.references.empty() && own.subject.is_reply_or_forward && !own.subject.text.empty()) {
            missing_[i] = true;
            find_by_subject(i);
        }
    }
    [[nodiscard]] bool is_older(std::size_t a, std::size_t b) const {
        return std::pair(all_[a].received, a) < std::pair(all_[b].received, b);
    }
    void find_by_subject(std::size_t i) {
        const Known& own = all_[i];
        std::optional<std::size_t> newest, original;
        for (std::size_t k = 0; k < all_.size(); ++k) {
            const Known& other = all_[k];
            if (k == i || other.threading.subject.text != own.threading.subject.text ||
                !other.mailboxes.contains(*own.mailboxes.begin()) ||
                other.received < own.received - reply_window_before ||
                other.received > own.received + reply_window_after)
                continue;
            if (other.is_of_account() || is_older(k, i)) {
                if (!newest || is_older(*newest, k)) newest = k;
            } else if (!other.threading.subject.is_reply_or_forward && (!original || is_older(k, *original))) {
                original = k;
            }
        }
        parents_[i] = newest ? newest : original;
    }
    void cut_cycles() {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            std::vector<std::size_t> path{i};
            while (parents_[path.back()] && std::count(path.begin(), path.end(), *parents_[path.back()]) == 0)
                path.push_back(*parents_[path.back()]);
            if (!parents_[path.back()]) continue;
            const auto lowest =
                *std::min_element(std::find(path.begin(), path.end(), *parents_[path.back()]), path.end());
            parents_[lowest].reset();
            missing_[lowest] = true;
        }
    }

    const std::vector<Known>& all_;
    std::vector<std::optional<std::size_t>> parents_;
    std::vector<bool> missing_;
};

const std::vector<std::string> targets{"Inbox", "Archive", "New"};  // the last one does not exist

class Maker {
public:
    explicit Maker(std::uint64_t seed, std::uint64_t subjects = 5) : random_(seed), subjects_(subjects) {}

    // Few ids and subjects, so that twins, loops, gaps and equal times are common; with one subject more loops.
    Known known(std::uint64_t ids) {
        Known result;
        if (random_.below(8) != 0) result.threading.message_id = id(ids);
        if (subjects_ == 1 || random_.below(2) == 0)
            for (auto k = random_.below(5); k > 0; --k) result.threading.references.push_back(id(ids));
        const auto subject = random_.below(subjects_);
        result.threading.subject.text = subject == 0 ? "" : "subject " + std::to_string(subject);
        result.threading.subject.is_reply_or_forward = random_.below(3) != 0;
        result.received = start + static_cast<std::int64_t>(random_.below(150)) * 43'200;
        result.target = random_.below(targets.size());
        return result;
    }
    std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

private:
    std::string id(std::uint64_t ids) { return "m" + std::to_string(random_.below(ids)) + "@x"; }
    SeededRandom random_;
    std::uint64_t subjects_;
};

std::string references_field(const std::vector<std::string>& ids) {
    std::string text;
    for (const auto& id : ids) text += "<" + id + "> ";
    return text;
}

// Messages of the account: delivered one by one, some copied, some expunged.
std::vector<Known> fill_account(Fixture& f, Maker& make, int count, std::uint64_t ids) {
    for (int i = 0; i < count; ++i) {
        const Known one = make.known(ids);
        const auto& subject = one.threading.subject;
        const auto& box = targets[one.target % 2];
        const auto delivered =
            store::deliver(f.account, box, {.received = {.seconds = one.received}},
                           test::message((subject.is_reply_or_forward ? "Re: " : "") + subject.text,
                                         one.threading.message_id, references_field(one.threading.references)));
        const auto what = make.below(8);
        f.change([&](Transaction& tx) {
            if (what == 0)
                (void)expunge(tx, delivered.mailbox, {{delivered.uid, delivered.uid}}, Expunge::all);
            else if (what == 1)
                (void)copy_messages(tx, delivered.mailbox, {{delivered.uid, delivered.uid}},
                                    f.mailbox(targets[1 - one.target % 2]).id);
        });
    }
    std::map<std::int64_t, Known> known;
    for (const auto& [id, message_id, subject, received, thread, mailbox] :
         f.account.database().rows<std::int64_t, std::string, std::string, std::int64_t, std::int64_t, std::string>(
             "SELECT m.id, m.message_id, m.subject_base, m.received, m.thread_id, b.name FROM message m JOIN"
             " placement p ON p.message_id = m.id JOIN mailbox b ON b.id = p.mailbox_orig_id")) {
        Known& one = known[id];
        one.id = id;
        one.threading.message_id = message_id;
        one.threading.subject.text = subject;
        one.received = received;
        one.account_thread = thread;
        one.mailboxes.insert(mailbox);
    }
    std::vector<Known> result;
    for (auto& [id, one] : known) result.push_back(std::move(one));
    return result;
}

std::vector<Link> links_of(Fixture& f, const std::vector<Known>& all, const ThreadBatchLimits& limits) {
    ThreadBatch batch(f.dir / "scratch", limits);
    for (const auto& one : all)
        if (!one.is_of_account())
            batch.add(static_cast<MessageId>(one.id), one.threading, one.target, {.seconds = one.received});
    std::vector<std::optional<MailboxId>> mailboxes;
    for (const auto& name : targets) {
        const auto box = find_mailbox(f.account.database(), name);
        mailboxes.push_back(box ? std::optional(box->id) : std::nullopt);
    }
    std::vector<Link> links;
    batch.resolve(f.account.database(), mailboxes);
    batch.for_each([&](MessageId id, const ThreadLink& link) {
        links.push_back({number(id), link.thread_id, link.parent ? number(*link.parent) : 0, link.missing_link});
    });
    return links;
}

}  // namespace

TEST_CASE("a batch gets the threads that the rules say, however it is worked out", "[store]") {
    const auto seed = GENERATE(range(1, 25));
    Maker make(static_cast<std::uint64_t>(seed), seed % 2 == 0 ? 5 : 1);
    Fixture f;
    const std::uint64_t ids = 10 + 10 * make.below(10);
    std::vector<Known> all = fill_account(f, make, seed % 3 == 0 ? 0 : 15, ids);
    std::int64_t id = 1'000'000;
    for (int i = 0; i < 80; ++i) {
        Known one = make.known(ids);
        id += make.below(10) == 0 ? 5'000 : 1 + static_cast<std::int64_t>(make.below(3));
        one.id = id;
        one.mailboxes = {targets[one.target]};
        all.push_back(std::move(one));
    }
    const auto expected = Model(all).links();
    const ThreadBatchLimits by_scan{.text_bytes = 0};
    const ThreadBatchLimits by_index{.messages_for_each_look_up = 0};
    const ThreadBatchLimits in_pieces_by_scan{.text_bytes = 0, .definitions = 7, .sorted_records = 3};
    const ThreadBatchLimits in_pieces_by_index{.definitions = 7, .sorted_records = 3, .messages_for_each_look_up = 0};
    for (const auto& limits : {by_scan, by_index, in_pieces_by_scan, in_pieces_by_index})
        CHECK(links_of(f, all, limits) == expected);
}

TEST_CASE("a batch of one message gets the thread that a delivery gets", "[store]") {
    Fixture f;
    Maker make(7);
    std::vector<Known> account = fill_account(f, make, 40, 30);
    const auto inbox = f.mailbox("Inbox").id;
    for (int i = 0; i < 200; ++i) {
        Known one = make.known(30);
        one.target = 0;
        one.id = 1'000'000;
        const auto delivered = find_thread(f.account.database(), static_cast<MessageId>(one.id), one.threading, inbox,
                                           {.seconds = one.received});
        const Link expected{one.id, delivered.thread_id, delivered.parent ? number(*delivered.parent) : 0,
                            delivered.missing_link};
        CHECK(links_of(f, {one}, {.text_bytes = 0}) == std::vector{expected});
        CHECK(links_of(f, {one}, {.messages_for_each_look_up = 0}) == std::vector{expected});
    }
}

TEST_CASE("a batch copes with conversations of any shape", "[store]") {
    constexpr std::int64_t count = 30'000;
    const std::string shape = GENERATE("chain", "star", "twins", "one subject", "loop");
    Fixture f;
    std::vector<Known> all;
    for (std::int64_t i = 0; i < count; ++i) {
        Known one{.id = 1 + i, .received = start + i, .mailboxes = {"Inbox"}};
        one.threading.message_id = std::to_string(i);
        one.threading.subject = {.text = "topic", .is_reply_or_forward = i > 0};
        if (shape == "chain" && i > 0) one.threading.references = {std::to_string(i - 1)};
        if (shape == "star" && i > 0) one.threading.references = {"0"};
        if (shape == "twins") one.threading.message_id = "same";
        if (shape == "loop") one.threading.references = {std::to_string((i + 1) % count)};
        all.push_back(std::move(one));
    }
    const bool shuffled = GENERATE(false, true);
    SeededRandom random(3);
    if (shuffled) {
        for (std::size_t i = all.size() - 1; i > 0; --i) std::swap(all[i], all[random.below(i + 1)]);
        for (std::size_t i = 0; i < all.size(); ++i) all[i].id = static_cast<std::int64_t>(i) + 1;
    }
    const auto root = std::find_if(all.begin(), all.end(), [&](const Known& one) {
        return shape == "twins" || shape == "loop" ? one.id == 1 : one.received == start;
    });
    const auto links = links_of(f, all, {.definitions = 1'000, .sorted_records = 1'000});
    REQUIRE(links.size() == all.size());
    for (const auto& link : links) {
        REQUIRE(link.thread == root->id);
        REQUIRE((link.parent == 0) == (link.id == root->id));
        if (shape == "star" || shape == "twins") REQUIRE((link.parent == 0 || link.parent == root->id));
    }
}

TEST_CASE("an import takes the account as it is and of itself what came before", "[store]") {
    Fixture f;
    const auto deliver = [&](std::int64_t at, std::string_view subject) {
        return store::deliver(f.account, "Inbox", {.received = {.seconds = at}}, test::message(subject)).id;
    };
    const auto earlier = deliver(start, "topic"), later = deliver(start + 7'200, "topic");
    Known one{.id = 1'000, .received = start + 3'600};
    one.threading.subject = {.text = "topic", .is_reply_or_forward = true};
    CHECK(links_of(f, {one}, {})[0].parent == number(later));
    one.received = start - reply_window_after;
    CHECK(links_of(f, {one}, {})[0].parent == number(earlier));
    one.received -= 1;
    CHECK(links_of(f, {one}, {})[0].parent == 0);
    one.received = start + 7'200 + reply_window_before;
    CHECK(links_of(f, {one}, {})[0].parent == number(later));
    one.received += 1;
    CHECK(links_of(f, {one}, {})[0].parent == 0);

    Known original{.id = 1'001, .received = one.received + 10};
    original.threading.subject = {.text = "topic"};
    CHECK(links_of(f, {one, original}, {})[0].parent == original.id);
    Known between{.id = 1'002, .received = one.received + 5};
    between.threading.subject = one.threading.subject;
    const auto three = links_of(f, {one, original, between}, {});
    CHECK(three[0].parent == original.id);
    CHECK(three[2].parent == one.id);
    CHECK(three[2].thread == original.id);
}
