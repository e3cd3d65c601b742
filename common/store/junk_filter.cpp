#include "store/junk_filter.hpp"

#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/file.hpp"
#include "datadir/lock.hpp"
#include "journal/scratch.hpp"

namespace mox::store {

namespace {

// Made aside and linked into place: a filter without its tables is never seen.
void make_filter(const Account& account, const std::filesystem::path& path, const db::OpenOptions& options,
                 const junk::Parameters& parameters) {
    const auto& layout = account.layout();
    make_directory(layout.tmp(), account.ownership());
    const auto reservation = datadir::Reservation::take(layout);
    const auto aside = journal::scratch_file(layout, reservation.token(), ".db");
    try {
        (void)junk::FilterDb(aside, options, parameters);
        const UniqueFd file = open_for_reading(aside);
        sync_file(file.get(), aside);
        if (::link(aside.c_str(), path.c_str()) != 0 && errno != EEXIST)
            throw system_error(errno, "link to", path.native());
        sync_directory(path.parent_path());
    } catch (...) {
        journal::remove_scratch_files(layout, reservation.token());
        throw;
    }
    journal::remove_scratch_files(layout, reservation.token());
}

}  // namespace

junk::FilterDb open_junk_filter(const Account& account, const junk::Parameters& parameters,
                                std::chrono::milliseconds lock_timeout, int cache_kib) {
    const auto path = account.layout().junk_filter_db(account.name());
    const db::OpenOptions options{.access = db::Access::create,
                                  .lock_timeout = lock_timeout,
                                  .cache_kib = cache_kib,
                                  .ownership = account.ownership()};
    if (!status_of(path)) make_filter(account, path, options, parameters);
    return {path, options, parameters};
}

}  // namespace mox::store
