#include "store/training.hpp"
#include "fixture.hpp"
#include "junk/filter_db.hpp"
#include "store/transaction.hpp"

using namespace mox;
using test::ImportFixture;

namespace {

std::string entry(int number, std::string_view fields) {
    return "From ann@example.org Thu Jan  1 00:00:0" + std::to_string(number) +
           " 2015\nFrom: ann@example.org\nSubject: " + std::to_string(number) + "\n" + std::string(fields) +
           "\ncheap words, number" + std::to_string(number) + "\n\n";
}

const std::string mail = entry(1, "X-Keywords: $Junk\n") + entry(2, "X-Keywords: NonJunk\n") + entry(3, "");

void make_it_train(const ImportFixture& f) {
    auto account = f.account();
    store::Transaction tx(account);
    tx.set_trains(true);
    tx.commit();
}

junk::FilterDb filter_of(const ImportFixture& f) {
    return {f.layout().junk_filter_db("alice"), {.access = db::Access::create}};
}

std::int64_t log_size(const ImportFixture& f) {
    return f.account().database().value<std::int64_t>("SELECT count(*) FROM training_log").value();
}

}  // namespace

TEST_CASE("an import trains the junk filter with what it brings", "[import]") {
    ImportFixture f;
    make_it_train(f);
    auto filter = filter_of(f);
    CHECK(f.import_text(mail).exit_code == 0);
    CHECK(filter.totals() == junk::Counts{.ham = 1, .spam = 1});
    CHECK(filter.look_up("number1") == junk::Counts{.ham = 0, .spam = 1});
    CHECK(filter.look_up("cheap") == junk::Counts{.ham = 1, .spam = 1});
    CHECK(log_size(f) == 0);
    // The mailbox for junk decides; what has been left out is not counted.
    CHECK(f.import_text(mail, "Junk", {"--skip-duplicates"}).exit_code == 0);
    CHECK(f.import_text(mail, "Junk", {"--skip-duplicates"}).exit_code == 0);
    CHECK(filter.totals() == junk::Counts{.ham = 1, .spam = 4});
    CHECK(filter.look_up("number3") == junk::Counts{.ham = 0, .spam = 1});
    f.require_consistent();
}

TEST_CASE("an import that fails trains nothing", "[import]") {
    ImportFixture f;
    make_it_train(f);
    auto filter = filter_of(f);
    f.account().database().run("UPDATE mailbox SET uidnext = 4294967294 WHERE name = 'Inbox'");
    CHECK(f.import_text(mail).exit_code == 1);
    CHECK(filter.totals() == junk::Counts{});
    CHECK(log_size(f) == 0);
}

TEST_CASE("without a filter the training log waits for one", "[import]") {
    ImportFixture f;
    make_it_train(f);
    CHECK(f.import_text(mail).exit_code == 0);
    CHECK(log_size(f) == 2);
    auto filter = filter_of(f);
    auto account = f.account();
    (void)store::apply_training(account, filter);
    CHECK(filter.totals() == junk::Counts{.ham = 1, .spam = 1});
    f.require_consistent();
}

TEST_CASE("a message without contents is stored, not trained, and stops nothing", "[import]") {
    ImportFixture f;
    make_it_train(f);
    auto filter = filter_of(f);
    const std::string empty = "From ann@example.org Thu Jan  1 00:00:09 2015\nX-Keywords: $Junk\n\n";
    CHECK(f.import_text(entry(1, "X-Keywords: $Junk\n") + empty + entry(2, "X-Keywords: NonJunk\n")).exit_code == 0);
    auto account = f.account();
    CHECK(account.database().value<int>("SELECT count(*) FROM placement") == 3);
    CHECK(filter.totals() == junk::Counts{.ham = 1, .spam = 1});
    CHECK(filter.database().value<int>("SELECT count(*) FROM unread") == 1);
    CHECK(log_size(f) == 0);
    f.require_consistent();
}
