#include <fmt/format.h>

#include "repair/database.hpp"
#include "repair/files.hpp"
#include "repair/parts.hpp"
#include "repair/rows.hpp"
#include "store/schema.hpp"

namespace mox::repair {

namespace {

db::Database open_database(const Part& part, const std::filesystem::path& path) {
    return db::open(path, store::account_schema(),
                    {.access = db::Access::read_write,
                     .lock_timeout = part.run().options.lock_timeout,
                     .ownership = part.run().ownership},
                    db::OlderVersion::accept);
}

// What must be right before the account is opened, which by itself removes what reservations left.
void prepare(Part& part, const std::filesystem::path& path, const std::string& name) {
    auto database = open_database(part, path);
    drop_damaged_reservations(part, database);
    const auto contradictions = mend_sealed_messages(part, database, name);
    mend_seals(part, database, contradictions);
    mend_sequences(part, database);
    if (!part.wanted("stale-reservation")) return;
    const auto stale = stale_reservations(part, database);
    if (stale == 0) return;
    part.did("stale-reservation", relative_path(part, database),
             fmt::format("{} reservations of processes that are gone, with the files that they left", stale));
}

void fix_rows(const AccountRepair& repair) {
    mend_counter_row(repair);
    mend_next_message_id(repair.part, repair.database(), "account");
    mend_uidvalidity_next(repair);
    mend_modseqs(repair);
    raise_modseq_to_tombstones(repair);
    mend_mailbox_names(repair);
    mend_other_names(repair);
    mend_keywords(repair);
    mend_flags(repair);
    mend_orphans(repair);
    mend_uids(repair);
    mend_tombstones(repair);
    mend_uidvalidity_unique(repair);
    mend_erase_queue(repair);
    recover_placements(repair);
    mend_special_uses(repair);
    mend_parents(repair);
    mend_messages(repair);
    mend_threads(repair);
    mend_mailbox_keywords(repair);
    mend_sums(repair);
}

void fix_account_rows(Part& part, const std::string& name, const std::filesystem::path& path) {
    const std::string relative = part.databases().relative(path);
    part.attempt(relative, [&] {
        prepare(part, path, name);
        auto account = store::Account::open(part.databases(), name, {.lock_timeout = part.run().options.lock_timeout});
        part.tell();
        const AccountRepair repair{.part = part, .account = account, .path = relative};
        fix_rows(repair);
        if (part.has("stray-file"))
            part.attempt(relative, [&] {
                const db::Transaction held(account.database());
                move_strays(part, [&](const std::string& file) {
                    return is_stray(part, account.database(), "SELECT 1 FROM message WHERE id = ?1", file);
                });
            });
        mend_junk_filter(repair);
    });
}

}  // namespace

void fix_account(Part& part, const std::string& name) {
    const auto path = part.databases().account_db(name);
    part.attempt(part.layout().relative(part.layout().account_db(name)),
                 [&] { part.copy_database(part.layout().account_db(name)); });
    if (is_usable(part, path) && mend_integrity(part, path) && mend_schema(part, path, store::account_schema()))
        fix_account_rows(part, name, path);
    mend_owners(part);
}

}  // namespace mox::repair
