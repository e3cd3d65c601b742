#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "db/inspect.hpp"
#include "junk/filter_db.hpp"
#include "junk/tokenizer.hpp"
#include "repair/files.hpp"
#include "repair/parts.hpp"
#include "repair/rows.hpp"
#include "store/junk_filter.hpp"
#include "store/training.hpp"

namespace mox::repair {

namespace {

// The checks that speak of the file itself, rather than of what it counts.
constexpr CheckId of_database[] = {"database",           "database-format", "database-schema",
                                   "database-integrity", "foreign-key",     "seal"};

std::optional<CheckId> damage_of(const Part& part, const std::string& path) {
    for (const auto check : of_database)
        if (part.has(check, path)) return check;
    return std::nullopt;
}

// A database that nobody has put anything into: whoever was making it was interrupted.
bool is_blank(const std::filesystem::path& path) {
    try {
        // There may be a journal beside it that has to be rolled back.
        db::Untouched look(path, std::filesystem::temp_directory_path());
        return db::is_empty(look.database());
    } catch (const Error&) {
        return false;
    }
}

// An account that does not train and has no filter has nothing to be trained in.
void forget_states(const AccountRepair& repair) {
    repair.change([&](store::Transaction& tx) {
        const auto states = tx.database().run("UPDATE placement SET trained = 0 WHERE trained <> 0");
        const auto rows = tx.database().run("DELETE FROM training_log");
        if (states + rows > 0)
            repair.did("junk-counts", fmt::format("there is no junk filter: {} trained states and {} rows of the"
                                                  " training log are gone",
                                                  states, rows));
    });
}

}  // namespace

junk::Parameters parameters_of(const std::filesystem::path& path) {
    if (!status_of(path)) return junk::own_parameters;
    try {
        const auto parameters = junk::parameters_of(path);
        (void)junk::Tokenizer(parameters);
        return parameters;
    } catch (const Error&) {
        return junk::own_parameters;
    }
}

void mend_junk_filter(const AccountRepair& repair) {
    Part& part = repair.part;
    const auto path = part.layout().junk_filter_db(repair.account.name());
    const std::string relative = part.layout().relative(path);
    const auto damage = damage_of(part, relative);
    // Too new, or of something else.
    if (part.has("database-format", relative) && !is_blank(path)) return;
    const bool has_damage = damage && repair.wanted(*damage);
    const bool is_wrong = (part.has("junk-counts") && repair.wanted("junk-counts")) ||
                          (part.has("junk-words") && repair.wanted("junk-words"));
    if (!has_damage && !is_wrong) return;
    const bool trains = repair.database().value<bool>("SELECT trains FROM account").value_or(false);
    if (!trains && !status_of(path)) {
        if (repair.wanted("junk-counts")) forget_states(repair);
        return;
    }
    part.attempt(relative, [&] {
        const CheckId check = has_damage               ? *damage
                              : part.has("junk-words") ? CheckId("junk-words")
                                                       : CheckId("junk-counts");
        if (part.dry_run()) {
            part.did(check, relative, "the junk filter is made anew from the flags of messages");
            part.tell();
            return;
        }
        const auto parameters = parameters_of(path);
        if (has_damage)
            for (const char* suffix : {"", "-wal", "-shm", "-journal"}) (void)move_away(part, check, relative + suffix);
        junk::FilterDb filter =
            store::open_junk_filter(repair.account, parameters, part.run().options.lock_timeout, 32'768);
        const auto jobs = part.run().options.jobs;
        const auto result = store::retrain(repair.account, filter,
                                           {.parameters = parameters, .jobs = jobs == 0 ? default_jobs() : jobs});
        part.did(check, relative,
                 fmt::format("the junk filter is made anew: {} junk, {} ham, {} words", result.messages.spam,
                             result.messages.ham, result.words));
        part.tell();
    });
}

}  // namespace mox::repair
