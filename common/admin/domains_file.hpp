#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "admin/new_files.hpp"
#include "base/fd.hpp"
#include "base/file.hpp"
#include "config/load.hpp"

namespace mox::admin {

// domains.conf while it is being changed. The lock, a flock(2) on the directory of the two files, is held from
// construction to destruction, so that changes come one after the other; readers need none, as the file is replaced as
// a whole.
class DomainsFile {
public:
    // Throws Error when the files cannot be read or have errors of grammar; Errc::locked after `timeout`. Removes what
    // a killed change left behind.
    explicit DomainsFile(const std::filesystem::path& static_file, std::chrono::milliseconds timeout);

    // Both files as they are.
    [[nodiscard]] const config::Config& config() const { return config_; }
    // What domains.conf is to become.
    [[nodiscard]] config::Domains& domains() { return domains_; }
    [[nodiscard]] const config::Domains& domains() const { return domains_; }
    // Owner and modes for files beside it, nothing for others.
    [[nodiscard]] const Ownership& ownership() const { return ownership_; }

    // Puts it into the place of the file, with the owner and mode of that. Durable at return. Lines that need not
    // change stay, with their comments. Throws Error{failed} when the configuration would have errors, or when
    // somebody else has changed the file since it was read; nothing is changed then. `made` are files that the new
    // configuration names: they are kept as soon as it stands, and so also when only its last sync fails.
    void save(NewFiles* made = nullptr);

private:
    // Whether the file has been replaced since it was read.
    [[nodiscard]] bool is_replaced() const;

    std::filesystem::path file_;  // links resolved
    UniqueFd lock_;
    config::Config config_;
    config::Domains domains_;
    std::string text_;
    struct stat status_ = {};
    Ownership ownership_;
};

// Whether an error of the configuration `after` is not one of `before` as well.
void throw_if_worse(config::Config before, config::Config after);

}  // namespace mox::admin
