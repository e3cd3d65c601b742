#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "db/database.hpp"
#include "repair/repair.hpp"

namespace mox::repair {

using check::CheckId;

// What all repairs of one run share.
struct Run {
    const datadir::Layout& layout;
    const Options& options;
    const Sinks& sinks;
    UniqueFd root;  // the data directory
    Ownership ownership;
    Summary summary = {};
    std::set<std::string> troubles = {};  // that were told

    [[nodiscard]] bool wanted(CheckId check) const { return options.only.none() || options.only.test(check.index()); }
};

// A copy of a database that others may be using, with what a crash left beside it.
void copy_database(const std::filesystem::path& from, const std::filesystem::path& to,
                   std::chrono::milliseconds lock_timeout, const Ownership& ownership);

// One part of the data directory (an account, the queue, a database, the rest) and what was found there. A repair says
// what it did; that is passed on when it is certain.
class Part {
public:
    Part(Run& run, const std::vector<check::Finding>& findings);

    [[nodiscard]] const Run& run() const { return run_; }
    // Where files are.
    [[nodiscard]] const datadir::Layout& layout() const { return run_.layout; }
    // Where databases are: of a dry run, the copies that copy_database() made.
    [[nodiscard]] const datadir::Layout& databases() const { return databases_ ? *databases_ : run_.layout; }
    [[nodiscard]] bool dry_run() const { return run_.options.dry_run; }
    [[nodiscard]] bool wanted(CheckId check) const { return run_.wanted(check); }
    // True when verification found something of this check, at `path` if that is given.
    [[nodiscard]] bool has(CheckId check, std::string_view path = {}) const;
    // The paths of what it found of this check, each once.
    [[nodiscard]] std::vector<std::string> paths(CheckId check) const;

    // Prepares a dry run: everything is changed on copies.
    void use_copies();
    // A copy of a database for the dry run, with what a crash left beside it. Nothing otherwise.
    void copy_database(const std::filesystem::path& path);

    // What was done, once tell() is called.
    void did(CheckId check, std::string path, std::string detail);
    [[nodiscard]] bool did_something() const { return !pending_.empty(); }
    void tell();

    // Runs one repair. What it throws is told, and what it did before that is forgotten; only Interrupted leaves.
    template <class Work>
    void attempt(const std::string& path, Work&& work) {
        attempt_any(path, std::function<void()>(std::forward<Work>(work)));
    }
    // One repair in one transaction (db::Transaction, or store::Transaction), given up when it did nothing.
    template <class Transaction, class Owner, class Work>
    void in_transaction(const std::string& path, Owner& owner, Work&& work) {
        attempt(path, [&] {
            Transaction tx(owner);
            work(tx);
            if (!did_something()) return;
            tx.commit();
            tell();
        });
    }

private:
    void attempt_any(const std::string& path, const std::function<void()>& work);

    Run& run_;
    const std::vector<check::Finding>& findings_;
    std::vector<Action> pending_;
    std::optional<TemporaryDirectory> scratch_;
    std::optional<datadir::Layout> databases_;
};

}  // namespace mox::repair
