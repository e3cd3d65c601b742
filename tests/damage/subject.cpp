#include "subject.hpp"

#include <time.h>

#include <fstream>

#include "base/error.hpp"
#include "db/schema.hpp"
#include "db/sequences.hpp"
#include "store/account.hpp"
#include "support/logical_dump.hpp"

namespace mox::test {

namespace fs = std::filesystem;

namespace {

double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void copy_tree(const fs::path& from, const fs::path& to) {
    fs::copy(from, to, fs::copy_options::recursive);
    // The working copy of a read-only snapshot can be changed.
    for (const auto& entry : fs::recursive_directory_iterator(to))
        if (!entry.is_symlink()) fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
}

}  // namespace

Subject::Subject(fs::path pristine, fs::path work) : pristine_(std::move(pristine)), work_(std::move(work)) {
    copy_tree(pristine_, work_);
    const datadir::Layout of(pristine_ / "data");
    std::int64_t most = -1;
    for (const auto& name : datadir::account_names(of)) {
        db::Database database(of.account_db(name), {.access = db::Access::immutable});
        std::int64_t count = 0;
        for (const auto& [id] : database.rows<std::int64_t>("SELECT DISTINCT message_id FROM placement ORDER BY 1")) {
            message_files_.push_back("data/accounts/" + name + "/msg/" + datadir::message_path(id));
            ++count;
        }
        if (count > most) account_ = name;
        most = std::max(most, count);
    }
}

fs::path Subject::change(const std::string& path) {
    changed_.insert(path);
    return work_ / path;
}

std::string Subject::bytes(const std::string& path) const {
    return read_file(work_ / path, std::size_t{1} << 31U);
}

void Subject::write(const std::string& path, std::string_view bytes) {
    const auto mode = fs::status(work_ / path).permissions();
    std::ofstream(change(path), std::ios::binary | std::ios::trunc) << bytes;
    fs::permissions(work_ / path, fs::exists(pristine_ / path) ? mode : fs::perms::owner_read | fs::perms::owner_write);
}

void Subject::restore() {
    for (const auto& path : changed_) {
        const fs::path target = work_ / path, source = pristine_ / path;
        fs::remove_all(target);
        if (!fs::exists(source)) continue;
        fs::copy(source, target, fs::copy_options::recursive);
        if (!fs::is_directory(target)) fs::permissions(target, fs::perms::owner_write, fs::perm_options::add);
    }
    changed_.clear();
}

Subject::Findings Subject::verify(check::Contents contents, As as) const {
    Findings findings;
    check::Options options{.contents = contents, .jobs = 1};
    if (as == As::snapshot) options.snapshot = work_;
    const double started = processor_seconds();
    (void)check::verify(layout(), options, [&](const check::Finding& finding) {
        const std::string path = finding.path.starts_with("../") ? finding.path.substr(3) : "data/" + finding.path;
        findings.found.emplace(path, std::string(finding.check));
    });
    findings.seconds = processor_seconds() - started;
    return findings;
}

std::optional<std::vector<std::string>> logical_dump(const fs::path& path) {
    const TemporaryDirectory scratch(fs::temp_directory_path(), "mox-dump-");
    const fs::path copy = scratch.path() / "x.db";
    for (const char* suffix : {"", "-wal", "-journal"})
        if (fs::exists(path.native() + suffix)) {
            fs::copy_file(path.native() + suffix, copy.native() + suffix);
            fs::permissions(copy.native() + suffix, fs::perms::owner_write, fs::perm_options::add);
        }
    try {
        db::Database database(copy, {.access = db::Access::read_write, .switch_to_wal = false});
        std::vector<std::string> dump = dump_rows(database);
        for (const auto& [name, sql] : database.rows<std::string, std::string>(
                 "SELECT type || ' ' || name || ' ' || tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY 1"))
            dump.push_back(name + ": " + sql);
        if (database.value<int>("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'"))
            for (const auto& [name] : database.rows<std::string>("SELECT name FROM sqlite_sequence ORDER BY 1"))
                dump.push_back("sequence of " + name);
        for (const auto& fault : db::sequence_faults(database)) dump.push_back("sequence: " + fault.detail);
        dump.push_back(std::to_string(db::application_id(database)) + " " +
                       std::to_string(db::schema_version(database)));
        return dump;
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace mox::test
