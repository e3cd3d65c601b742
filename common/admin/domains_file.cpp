#include "admin/domains_file.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <thread>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "config/sconf.hpp"
#include "config/validate.hpp"
#include "datadir/layout.hpp"

namespace mox::admin {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_file_bytes = 16U << 20U;

fs::path real_file(const fs::path& file) {
    std::error_code error;
    fs::path real = fs::canonical(file, error);
    return error ? file : real;
}

UniqueFd take_lock(const fs::path& directory, std::chrono::milliseconds timeout) {
    UniqueFd fd = open_for_reading(directory);
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) throw system_error(errno, "lock", directory.native());
        check_interrupt();
        if (std::chrono::steady_clock::now() >= deadline)
            throw Error(Errc::locked,
                        "directory " + quote(directory.native()) + ": another process changes domains.conf",
                        "try again later, or raise --lock-timeout");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return fd;
}

// Of AtomicFile; whoever made one held the lock.
void remove_leftovers(const fs::path& file) {
    const std::string start = file.filename().native() + ".";
    std::vector<std::string> names;
    for_each_entry(file.parent_path(), [&](const DirectoryEntry& entry) {
        if (entry.name.starts_with(start) && entry.name.ends_with(".tmp")) names.push_back(entry.name);
    });
    for (const auto& name : names) remove_file(file.parent_path() / name);
}

bool is_same_version(const struct stat& a, const struct stat& b) {
    return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

DomainsFile::DomainsFile(const fs::path& static_file, std::chrono::milliseconds timeout) {
    const auto found = config::load(static_file);  // says what is wrong before anything is waited for
    file_ = real_file(found.paths.domains_file);
    if (!file_.has_parent_path()) file_ = fs::path(".") / file_;
    lock_ = take_lock(file_.parent_path(), timeout);
    remove_leftovers(file_);
    const auto status = status_of(file_);
    if (!status) throw Error(Errc::not_found, "no file " + quote(file_.native()));
    status_ = *status;
    config_ = config::load(static_file);
    text_ = read_file(file_, largest_file_bytes);
    domains_ = config_.domains;
    ownership_ = datadir::ownership_of(file_.parent_path());
    ownership_.file_mode &= 0640;
    ownership_.directory_mode &= 0750;
}

bool DomainsFile::is_replaced() const {
    const auto now = status_of(file_);
    return !now || !is_same_version(*now, status_);
}

void DomainsFile::save(NewFiles* made) {
    if (domains_ == config_.domains) return;
    const std::string text = config::sconf::edit(text_, config_.domains_lines, config_.domains, domains_);
    config::Config changed = config_;
    changed.domains = domains_;
    changed.domains_lines = config::sconf::parse<config::Domains>(text).lines;
    throw_if_worse(config_, std::move(changed));
    AtomicFile file(file_, {.user = status_.st_uid,
                            .group = status_.st_gid,
                            .file_mode = static_cast<mode_t>(status_.st_mode & 0777),
                            .directory_mode = 0750});
    file.write(text);
    if (is_replaced()) throw Error(Errc::failed, quote(file_.native()) + " was changed meanwhile", "try again");
    try {
        file.commit();
    } catch (const Error&) {
        if (made != nullptr && is_replaced()) made->keep();
        throw;
    }
    if (made != nullptr) made->keep();
    status_ = status_of(file_).value_or(status_);
    config_.domains = domains_;
    config_.domains_lines = config::sconf::parse<config::Domains>(text).lines;
    text_ = text;
}

void throw_if_worse(config::Config before, config::Config after) {
    // Files are not looked at: whoever changes an address need not be able to read the keys.
    for (auto* config : {&before, &after}) {
        config->problems.clear();
        config::validate(*config, {.check_files = false});
    }
    std::set<std::string> known;
    for (const auto& problem : before.problems) known.insert(problem.problem.message);
    std::erase_if(after.problems, [&](const auto& problem) { return known.contains(problem.problem.message); });
    const auto first = std::ranges::find(after.problems, config::sconf::Severity::error,
                                         [](const auto& problem) { return problem.problem.severity; });
    if (first != after.problems.end())
        throw Error(Errc::failed, "the configuration would have an error: " + first->problem.message,
                    first->problem.hint);
}

}  // namespace mox::admin
