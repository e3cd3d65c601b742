#include "snapshot/other_files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/file_kind.hpp"
#include "reports/databases.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

std::string join(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + "/" + name;
}

// The entries of a folder of the source; one that cannot be read is a problem.
std::vector<DirectoryEntry> entries_of(Run& run, const std::string& path, const fs::path& folder) {
    try {
        return list_directory(folder);
    } catch (const Error& error) {
        if (error.code() != Errc::not_found) run.add_problem(path, error.what());
        return {};
    }
}

// One regular file. `path` is for problems, `listed` for the snapshot. False when the source could not be read.
bool copy_regular(Run& run, const fs::path& from, const std::string& path, const std::string& listed,
                  const struct stat& status) {
    try {
        run.add_file(run.output().add_file(run, listed, from, status));
        return true;
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        if (error.code() == Errc::no_space) throw;
        const auto fault = reading_fault(AT_FDCWD, from.c_str());
        if (!fault) throw;
        if (status_of(from)) run.add_problem(path, *fault);
        return false;
    }
}

void copy_symlink(Run& run, const fs::path& from, const std::string& listed) {
    const std::string text = fs::read_symlink(from).native();
    run.output().add_link(run, listed, text);
    run.add_file({.path = listed,
                  .size_bytes = static_cast<std::int64_t>(text.size()),
                  .sha256 = sha256(as_bytes(text)),
                  .stored = Stored::symlink});
}

// A folder of the configuration with everything below it.
void copy_config_folder(Run& run, const fs::path& from, const std::string& listed, const fs::path& skip) {
    run.output().add_folder(run, listed);
    for (const auto& entry : entries_of(run, listed, from)) {
        if (run.stopping()) return;
        const fs::path file = from / entry.name;
        const std::string name = join(listed, entry.name);
        const auto status = status_of(file);
        if (!status) continue;
        if (S_ISDIR(status->st_mode)) {
            std::error_code ignored;
            if (skip.empty() || !fs::equivalent(file, skip, ignored)) copy_config_folder(run, file, name, skip);
        } else if (S_ISLNK(status->st_mode)) {
            copy_symlink(run, file, name);
        } else if (!S_ISREG(status->st_mode)) {
            run.add_problem(name, "is " + std::string(kind_of(status->st_mode)) + ", not copied");
        } else {
            (void)copy_regular(run, file, name, name, *status);
        }
    }
}

}  // namespace

bool is_side_file(std::string_view name) {
    for (const std::string_view suffix : {".db-wal", ".db-shm", ".db-journal"})
        if (name.ends_with(suffix)) return true;
    // "moxversion.0123456789abcdef.tmp"
    return name.size() > 21 && name.ends_with(".tmp") && name[name.size() - 21] == '.' &&
           from_hex(name.substr(name.size() - 20, 16)).has_value();
}

void copy_listed(Run& run, const std::string& path, Report report) {
    if (run.stopping()) return;
    const fs::path from = run.source(path);
    const auto status = status_of(from);
    if (!status) return;
    if (S_ISDIR(status->st_mode)) {
        run.output().add_folder(run, "data/" + path);
        for (const auto& entry : entries_of(run, path, from)) copy_listed(run, join(path, entry.name), report);
        return;
    }
    if (!S_ISREG(status->st_mode)) {
        run.add_problem(path, "is " + std::string(kind_of(status->st_mode)) + ", not copied");
        return;
    }
    run.output().add_folder(run, fs::path("data/" + path).parent_path().native());
    if (copy_regular(run, from, path, "data/" + path, *status) && report == Report::unexpected)
        run.add_problem(path, "does not belong here; copied");
}

void copy_config(Run& run, const fs::path& skip) {
    if (!run.options().config_dir) return;
    const fs::path& from = *run.options().config_dir;
    if (!directory_exists(from))
        throw Error(Errc::not_found, "no configuration directory " + quote(from.native()),
                    "--no-config leaves the configuration out");
    copy_config_folder(run, from, "config", skip);
}

void copy_rest_of_root(Run& run) {
    constexpr std::array handled{"accounts", "queue"};
    constexpr std::array left_out{"locks", "tmp"};
    constexpr std::array known{"moxversion", "receivedid.key", "lastknownversion", "acme", "moved"};
    const auto databases = reports::directory_databases();
    for (const auto& entry : entries_of(run, "", run.layout().root())) {
        const auto is_name = [&](const auto& name) { return entry.name == name; };
        const auto is_database = [&](const auto& database) { return entry.name == database.name; };
        if (std::ranges::any_of(handled, is_name) || std::ranges::any_of(left_out, is_name)) continue;
        if (std::ranges::any_of(databases, is_database) || is_side_file(entry.name)) continue;
        const auto status = status_of(run.source(entry.name));
        if (entry.name == "ctl" && status && S_ISSOCK(status->st_mode)) continue;
        copy_listed(run, entry.name, std::ranges::any_of(known, is_name) ? Report::nothing : Report::unexpected);
    }
}

void copy_rest_of_accounts(Run& run, const std::vector<std::string>& accounts) {
    for (const auto& entry : entries_of(run, "accounts", run.layout().accounts()))
        if (!directory_exists(run.layout().account(entry.name)))
            copy_listed(run, "accounts/" + entry.name, Report::unexpected);
    for (const auto& account : accounts) {
        const std::string folder = "accounts/" + account;
        for (const auto& entry : entries_of(run, folder, run.source(folder)))
            if (entry.name != "index.db" && entry.name != "junkfilter.db" && entry.name != "msg" &&
                !is_side_file(entry.name))
                copy_listed(run, join(folder, entry.name), Report::unexpected);
    }
}

}  // namespace mox::snapshot
