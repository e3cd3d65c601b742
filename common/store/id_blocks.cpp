#include "store/id_blocks.hpp"

#include "journal/scratch.hpp"
#include "store/account.hpp"

namespace mox::store {

namespace {

journal::Files files_of(Account& account) {
    return {.database = account.database(),
            .counters = "account",
            .folder = account.layout().messages(account.name()),
            .explained_sql = "SELECT 1 FROM message WHERE id = ?"};
}

}  // namespace

IdBlock reserve_ids(Account& account, std::int64_t count, std::string_view purpose,
                    const datadir::Reservation& reservation) {
    return journal::reserve(files_of(account), count, purpose, reservation, account.now().seconds);
}

std::int64_t discard_id_block(Account& account, const IdBlock& block) {
    return journal::discard(files_of(account), block);
}

std::int64_t recover_reservations(Account& account) {
    const std::int64_t removed = journal::recover(files_of(account), account.layout());
    journal::remove_dead_scratch_files(account.layout());
    return removed;
}

}  // namespace mox::store
